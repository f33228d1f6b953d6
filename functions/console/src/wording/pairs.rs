//! Tables of texts in both languages. A text without its translation does not compile.

macro_rules! texts {
    ($(#[$doc:meta])* $table:ident { $($name:ident: $en:literal, $sl:literal;)* }) => {
        $(#[$doc])*
        pub(crate) struct $table { $(pub(crate) $name: &'static str,)* }

        static EN: $table = $table { $($name: $en,)* };
        static SL: $table = $table { $($name: $sl,)* };

        impl $table {
            /// The texts of a language.
            pub(crate) fn of(language: runtime::Language) -> &'static Self {
                match language {
                    runtime::Language::En => &EN,
                    runtime::Language::Sl => &SL,
                }
            }
        }

        #[cfg(test)]
        mod tests {
            const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $sl),)*];

            #[test]
            fn every_text_is_there_in_both_languages_and_translated() {
                for (name, en, sl) in PAIRS {
                    assert!(!en.is_empty() && !sl.is_empty(), "{name}");
                    assert_ne!(en, sl, "{name} is not translated");
                    assert_eq!(en.ends_with('.'), sl.ends_with('.'), "{name}: one is a sentence, the other is not");
                }
            }
        }
    };
}

pub(super) use texts;
