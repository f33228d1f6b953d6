//! Strings of JSON: escapes, both ways.

use std::borrow::Cow;

/// A string that is valid JSON but no text for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadText {
    /// Half of a surrogate pair: the sender cut a character in two.
    LoneSurrogate,
    /// The NUL character.
    Nul,
}

/// Where the escape that starts at `at` (a backslash) ends; `None` when it is none.
pub(super) fn escape_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 2),
        b'u' => {
            let digits = bytes.get(at + 2..at + 6)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 6)
        }
        _ => None,
    }
}

/// The text of a raw string (with its quotes) that the reader has accepted.
pub(crate) fn unescape(raw: &str) -> Result<Cow<'_, str>, BadText> {
    let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
    let Some(first) = inner.find('\\') else {
        return Ok(Cow::Borrowed(inner));
    };
    let mut text = String::with_capacity(inner.len());
    text.push_str(&inner[..first]);
    let mut chars = inner[first..].chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        text.push(match chars.next() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => match scalar(&mut chars)? {
                '\0' => return Err(BadText::Nul),
                c => c,
            },
            Some(c) => c,
            None => break,
        });
    }
    Ok(Cow::Owned(text))
}

fn scalar(chars: &mut std::str::Chars<'_>) -> Result<char, BadText> {
    let first = unit(chars).ok_or(BadText::LoneSurrogate)?;
    if let Some(c) = char::from_u32(first) {
        return Ok(c);
    }
    // What cannot be a character is half of a pair; the other half must follow.
    let mut ahead = chars.clone();
    let second = match (ahead.next(), ahead.next()) {
        (Some('\\'), Some('u')) => unit(&mut ahead),
        _ => None,
    };
    let second = second.ok_or(BadText::LoneSurrogate)?;
    let c = char::decode_utf16([first, second].map(|n| u16::try_from(n).unwrap_or(0)))
        .next()
        .and_then(Result::ok)
        .ok_or(BadText::LoneSurrogate)?;
    *chars = ahead;
    Ok(c)
}

fn unit(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |n, _| Some(n * 16 + chars.next()?.to_digit(16)?))
}

/// Appends `text` as a JSON string with its quotes.
pub(super) fn escape(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                out.push_str("\\u00");
                for digit in [u32::from(c) >> 4, u32::from(c) & 0xf] {
                    out.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_a_surrogate_pair_and_nul_are_refused() {
        for raw in [r#""\ud83d""#, r#""a\ude00""#, r#""\ud83dx""#, r#""\ud83d\n""#, r#""\ud83d\ud83d""#] {
            assert_eq!(unescape(raw), Err(BadText::LoneSurrogate), "{raw}");
        }
        assert_eq!(unescape(r#""a\u0000b""#), Err(BadText::Nul));
        assert_eq!(unescape(r#""\ud83d\ude00 \u010d\/""#), Ok("😀 č/".into()));
    }

    proptest! {
        #[test]
        fn text_comes_back_from_both_writers(text in "[^\0]*") {
            let mut raw = String::new();
            escape(&text, &mut raw);
            prop_assert_eq!(serde_json::from_str::<String>(&raw).expect("our JSON"), text.clone());
            prop_assert_eq!(unescape(&raw), Ok(Cow::Borrowed(text.as_str())));
            let theirs = serde_json::to_string(&text).expect("their JSON");
            prop_assert_eq!(unescape(&theirs), Ok(Cow::Borrowed(text.as_str())));
        }
    }
}
