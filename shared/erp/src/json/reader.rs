//! The reader: walks a text once and returns spans of it.

use super::{Malformed, Reason, string::escape_end};

/// The result of reading: the error is boxed, because the success is the hot path.
pub(crate) type Outcome<T> = Result<T, Box<Malformed>>;

/// No answer of Metakocka nests deeper than a dozen levels; a text that does is an attack on the stack.
const MAX_DEPTH: u32 = 128;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Walks one JSON text.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    leaves: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`, which must be UTF-8.
    pub(crate) fn new(bytes: &'a [u8]) -> Outcome<Self> {
        let text = std::str::from_utf8(bytes).or_else(|e| refuse(e.valid_up_to(), Reason::NotUtf8))?;
        Ok(Self::of(text))
    }

    /// A reader at the start of `text`.
    pub(crate) const fn of(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, leaves: 0 }
    }

    /// How many values without members were skipped so far (an empty list or object is one).
    pub(crate) const fn leaves(&self) -> usize {
        self.leaves
    }

    /// The first byte of the next token, which is not consumed.
    pub(crate) fn peek(&mut self) -> Outcome<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(&byte) => return Ok(byte),
                None => return self.fault(Reason::Ended),
            }
        }
    }

    /// Refuses anything but white space after the value.
    pub(crate) fn finish(&mut self) -> Outcome<()> {
        match self.peek() {
            Ok(_) => self.fault(Reason::Trailing),
            Err(_) => Ok(()),
        }
    }

    /// The raw text of the next value, whatever it is.
    pub(crate) fn value(&mut self) -> Outcome<&'a str> {
        let first = self.peek()?;
        let start = self.at;
        self.skip(first)?;
        Ok(&self.text[start..self.at])
    }

    /// Calls `each` at the value of every member of the next value, an object. The key is raw, with its quotes.
    pub(crate) fn members(&mut self, mut each: impl FnMut(&mut Self, &'a str) -> Outcome<()>) -> Outcome<()> {
        self.enter()?;
        if self.peek()? == b'}' {
            self.leave();
            self.leaves += 1;
            return Ok(());
        }
        loop {
            if self.peek()? != b'"' {
                return self.fault(Reason::Unexpected);
            }
            let key = self.string()?;
            if self.peek()? != b':' {
                return self.fault(Reason::Unexpected);
            }
            self.at += 1;
            each(self, key).map_err(|mut e| {
                e.note(key.trim_matches('"').chars().take(64).collect());
                e
            })?;
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => {
                    self.leave();
                    return Ok(());
                }
                _ => return self.fault(Reason::Unexpected),
            }
        }
    }

    /// Calls `each` at every element of the next value, an array.
    pub(crate) fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Outcome<()>) -> Outcome<()> {
        self.enter()?;
        if self.peek()? == b']' {
            self.leave();
            self.leaves += 1;
            return Ok(());
        }
        for index in 0_usize.. {
            each(self).map_err(|mut e| {
                e.note(format!("[{index}]"));
                e
            })?;
            match self.peek()? {
                b',' => self.at += 1,
                b']' => {
                    self.leave();
                    break;
                }
                _ => return self.fault(Reason::Unexpected),
            }
        }
        Ok(())
    }

    fn skip(&mut self, first: u8) -> Outcome<()> {
        match first {
            b'{' => return self.members(|reader, _| reader.skip_next()),
            b'[' => return self.elements(Self::skip_next),
            b'"' => {
                self.string()?;
            }
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return self.fault(Reason::Unexpected),
        }
        self.leaves += 1;
        Ok(())
    }

    fn skip_next(&mut self) -> Outcome<()> {
        let first = self.peek()?;
        self.skip(first)
    }

    fn enter(&mut self) -> Outcome<()> {
        if self.depth == MAX_DEPTH {
            return self.fault(Reason::TooDeep);
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    const fn leave(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    fn word(&mut self, word: &str) -> Outcome<()> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        let reason = if word.as_bytes().starts_with(rest) { Reason::Ended } else { Reason::Unexpected };
        self.fault(reason)
    }

    fn number(&mut self) -> Outcome<()> {
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        match self.byte() {
            Some(b'0'..=b'9' | b'.' | b'-' | b'+') => self.fault(Reason::Number),
            _ => Ok(()),
        }
    }

    fn digits(&mut self) -> Outcome<()> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at > start {
            return Ok(());
        }
        let reason = if self.byte().is_none() { Reason::Ended } else { Reason::Number };
        self.fault(reason)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The raw text of a string with its quotes; the reader stands at the opening one.
    fn string(&mut self) -> Outcome<&'a str> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut at = start + 1;
        loop {
            at = special(bytes, at);
            match bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(&self.text[start..self.at]);
                }
                Some(b'\\') => match escape_end(bytes, at) {
                    Some(end) => at = end,
                    None => return refuse(at, escape_fault(&bytes[at + 1..])),
                },
                Some(_) => return refuse(at, Reason::Control),
                None => return refuse(at, Reason::Ended),
            }
        }
    }

    fn fault<T>(&self, reason: Reason) -> Outcome<T> {
        refuse(self.at, reason)
    }
}

fn refuse<T>(offset: usize, reason: Reason) -> Outcome<T> {
    Err(Box::new(Malformed::new(offset, reason)))
}

/// Why no escape starts with `rest`, what follows a backslash.
fn escape_fault(rest: &[u8]) -> Reason {
    match rest {
        [] => Reason::Ended,
        [b'u', digits @ ..] if digits.len() < 4 && digits.iter().all(u8::is_ascii_hexdigit) => Reason::Ended,
        _ => Reason::Escape,
    }
}

/// Where the next quote, backslash or control character stands, from `at` on; the end when there is none.
///
/// Eight bytes at a time: the lowest byte that a subtraction marks is exact,
/// since a borrow can only disturb the bytes above it.
fn special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * 0x22);
        let slash = word ^ (ONES * 0x5c);
        let marks = (quote.wrapping_sub(ONES) & !quote)
            | (slash.wrapping_sub(ONES) & !slash)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let marks = marks & HIGH;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            return at;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &[u8]) -> Outcome<usize> {
        let mut reader = Reader::new(text)?;
        reader.value()?;
        reader.finish()?;
        Ok(reader.leaves())
    }

    #[test]
    fn a_broken_text_is_refused_with_its_reason_and_place() {
        let cases: [(&[u8], Reason, &str); 17] = [
            (b"\"\\u00e", Reason::Ended, ""),
            (b"\"\\q\"", Reason::Escape, ""),
            (b"", Reason::Ended, ""),
            (b"{\"a\":[1,{\"b\":\"x", Reason::Ended, "a[1].b"),
            (b"{\"a\":tru", Reason::Ended, "a"),
            (b"{\"a\":NaN}", Reason::Unexpected, "a"),
            (b"{\"a\":01}", Reason::Number, "a"),
            (b"{\"a\":1.}", Reason::Number, "a"),
            (b"{\"a\":-}", Reason::Number, "a"),
            (b"{\"a\":\"\\x4141\"}", Reason::Escape, "a"),
            (b"{\"a\":\"\\u12g4\"}", Reason::Escape, "a"),
            (b"{\"a\":\"\x00\"}", Reason::Control, "a"),
            (b"{\"a\":1,}", Reason::Unexpected, ""),
            (b"{\"a\" 1}", Reason::Unexpected, ""),
            (b"[1 2]", Reason::Unexpected, ""),
            (b"{} x", Reason::Trailing, ""),
            (b"{\"a\":\"\xff\"}", Reason::NotUtf8, ""),
        ];
        for (text, reason, path) in cases {
            let fault = read(text).expect_err("it is broken");
            assert_eq!((fault.reason, fault.path().as_str()), (reason, path), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_text_nested_ten_thousand_levels_deep_is_refused_without_a_crash() {
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(read(deep.as_bytes()).expect_err("too deep").code(), "json_too_deep");
        let deep = "{\"a\":".repeat(10_000);
        assert_eq!(read(deep.as_bytes()).expect_err("too deep").code(), "json_too_deep");
    }

    #[test]
    fn leaves_are_counted_with_empty_lists_and_objects() {
        assert_eq!(read(br#"{"a":1,"b":[],"c":{},"d":["x",null,{"e":true}]}"#).expect("well-formed"), 6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn it_accepts_exactly_what_serde_json_accepts(
            text in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ",", ":", "\"a\"", "\"\\u00e9\"", "\"č\\\"\"", "\"\\", "1", "-0", "0", ".5", "e9",
                "true", "null", " ", "\n", "\"",
            ]), 0..14)
        ) {
            let text = text.concat();
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(read(text.as_bytes()).is_ok(), theirs, "{}", text);
        }

        #[test]
        fn it_accepts_any_string_that_is_written_as_json(value in any::<String>()) {
            let text = serde_json::to_string(&value).expect("a string");
            prop_assert!(read(text.as_bytes()).is_ok());
        }

        #[test]
        fn any_bytes_are_read_or_refused_but_never_crash(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = read(&bytes);
        }
    }
}
