//! Texts of the ERP as errors show them: no markup, one line, not long.

/// The longest text that an error carries.
const MAX_CHARS: usize = 300;

/// `text` without tags and line ends, cut.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match after.find('>') {
            Some(close) if tag => {
                out.push(' ');
                rest = &after[close + 1..];
            }
            _ => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    let words: Vec<&str> = out.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_go_and_words_stay() {
        assert_eq!(plain("Artikel <b>a</b>\r\n ni <a href='x'>najden</a>"), "Artikel a ni najden");
        assert_eq!(plain("1 < 2 in <b"), "1 < 2 in <b");
        assert_eq!(plain(&"č".repeat(1000)).chars().count(), 300);
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_short_line(text in any::<String>()) {
            let plain = plain(&text);
            prop_assert!(plain.chars().count() <= MAX_CHARS && !plain.contains('\n'));
        }
    }
}
