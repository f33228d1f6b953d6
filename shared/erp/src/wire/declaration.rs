//! How a struct of the wire is declared: its fields once, and from them how it is read and written.

/// The type of a field: `Text` when nothing else is said.
macro_rules! wire_kind {
    ($a:lifetime) => { $crate::wire::Text<$a> };
    ($a:lifetime $kind:ident) => { $crate::wire::$kind<$a> };
    ($a:lifetime $kind:ident $of:ident) => { $crate::wire::$kind<$a, $crate::wire::$of<$a>> };
}

/// The name of a field on the wire: its own when nothing else is said.
macro_rules! wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// Declares structs of the wire.
///
/// A bare name is a `Text`; `name: Rows<Other>` holds objects, `name: Texts`
/// scalars; `name = "wireName"` is spelled otherwise on the wire; `..
/// "prefix" => name: Kind` collects every key with the prefix. What no field takes
/// is kept in `rest`.
macro_rules! wire {
    ($(
        $(#[$doc:meta])*
        struct $name:ident {
            $( $field:ident $(= $wire:literal)? $(: $kind:ident $(<$of:ident>)?)? ,)*
            $( .. $prefix:literal => $each:ident : $each_kind:ident $(<$each_of:ident>)? ,)?
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $name<'a> {
            $( pub(crate) $field: wire_kind!('a $($kind $($of)?)?), )*
            $( pub(crate) $each: $crate::wire::Keyed<'a, wire_kind!('a $each_kind $($each_of)?)>, )?
            /// What no field takes.
            pub(crate) rest: $crate::wire::Rest<'a>,
        }

        impl<'a> $crate::wire::Fields<'a> for $name<'a> {
            const NAME: &'static str = stringify!($name);
            const NAMES: &'static [&'static str] = &[$( wire_name!($field $($wire)?), )*];
            const INDEX: &'static $crate::wire::Index = &$crate::wire::Index::of(Self::NAMES);

            fn read(
                &mut self,
                index: usize,
                reader: &mut $crate::json::Reader<'a>,
            ) -> $crate::json::Outcome<bool> {
                #[expect(non_camel_case_types, reason = "the variants are the fields")]
                enum At { $( $field, )* }
                match index {
                    $( i if i == At::$field as usize => $crate::wire::present(&mut self.$field, reader), )*
                    _ => Ok(false),
                }
            }

            fn text(&self, name: &str) -> Option<$crate::wire::Text<'a>> {
                #[expect(non_camel_case_types, reason = "the variants are the fields")]
                enum At { $( $field, )* }
                match Self::INDEX.find(name)? {
                    $( i if i == At::$field as usize => $crate::wire::Value::text(&self.$field), )*
                    _ => None,
                }
            }

            fn keep(&mut self, key: &'a str, reader: &mut $crate::json::Reader<'a>) -> $crate::json::Outcome<()> {
                $( if self.$each.takes($prefix, key) {
                    return self.$each.read(key, reader);
                } )?
                self.rest.read(key, reader)
            }

            fn write(&self, out: &mut $crate::json::Writer) {
                $( if !$crate::wire::Value::is_missing(&self.$field) {
                    out.key(wire_name!($field $($wire)?));
                    $crate::wire::Value::write(&self.$field, out);
                } )*
                $( self.$each.write(out); )?
                self.rest.write(out);
            }
        }
    )*};
}
