//! No payload loses anything, whatever is done to it; and the check sees when one does.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Conversions, DecodeError, Kind, decode,
    registry::{FAMILIES, decoder},
    report,
};
use crate::{
    json::{Outcome, Reader, Writer},
    wire::{self, Fields, Rows, Value},
};

#[derive(Deserialize)]
struct Payload<'a> {
    endpoint: String,
    kind: String,
    #[serde(borrow)]
    body: &'a RawValue,
}

fn payloads() -> Vec<Payload<'static>> {
    serde_json::from_str(include_str!("tests/payloads.json")).expect("the payloads are well-formed")
}

fn lost(payload: &Payload<'_>, body: &str) -> Result<Vec<String>, DecodeError> {
    let kind = payload.kind.parse().expect("a known kind");
    decode(&payload.endpoint, kind, body.as_bytes()).map(|decoded| decoded.lost)
}

/// A JSON text in parts, so that it can be changed in ways that no reader would write.
#[derive(Clone, Debug)]
enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    Leaf(String),
}

impl Json {
    fn read(reader: &mut Reader<'_>) -> Outcome<Self> {
        match reader.peek()? {
            b'{' => {
                let mut members = Vec::new();
                reader.members(|reader, key| {
                    members.push((key.to_owned(), Self::read(reader)?));
                    Ok(())
                })?;
                Ok(Self::Object(members))
            }
            b'[' => {
                let mut elements = Vec::new();
                reader.elements(|reader| {
                    elements.push(Self::read(reader)?);
                    Ok(())
                })?;
                Ok(Self::Array(elements))
            }
            _ => reader.value().map(|raw| Self::Leaf(raw.to_owned())),
        }
    }

    fn write(&self, out: &mut String) {
        let mut list = |brackets: [char; 2], parts: &mut dyn Iterator<Item = (Option<&String>, &Self)>| {
            out.push(brackets[0]);
            for (index, (key, value)) in parts.enumerate() {
                if index > 0 {
                    out.push_str(" ,\n");
                }
                if let Some(key) = key {
                    out.push_str(key);
                    out.push(':');
                }
                value.write(out);
            }
            out.push(brackets[1]);
        };
        match self {
            Self::Object(members) => list(['{', '}'], &mut members.iter().map(|(key, value)| (Some(key), value))),
            Self::Array(elements) => list(['[', ']'], &mut elements.iter().map(|value| (None, value))),
            Self::Leaf(raw) => out.push_str(raw),
        }
    }

    /// Changes the value that the `countdown` reaches, counted from the outside in.
    fn change(&mut self, countdown: &mut usize, change: u8) {
        if *countdown == 0 {
            *countdown = usize::MAX;
            self.change_here(change);
            return;
        }
        *countdown -= 1;
        let children: Vec<&mut Self> = match self {
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
            Self::Array(elements) => elements.iter_mut().collect(),
            Self::Leaf(_) => Vec::new(),
        };
        for child in children {
            if *countdown == usize::MAX {
                return;
            }
            child.change(countdown, change);
        }
    }

    fn change_here(&mut self, change: u8) {
        let old = self.clone();
        let leaf = |raw: &str| Self::Leaf(raw.to_owned());
        match (change, &mut *self) {
            (0, Self::Object(members)) => members.push(("\"brand_new\"".to_owned(), leaf("\"value\""))),
            (1, Self::Object(members)) => members.insert(0, ("\"brand_new\"".to_owned(), leaf("[1.50,{\"a\":null}]"))),
            (2, Self::Object(members)) => {
                if let Some(first) = members.first().cloned() {
                    members.push(first);
                }
            }
            (3, Self::Object(members)) => {
                if let Some((key, _)) = members.last().cloned() {
                    members.insert(0, (key, leaf("{\"x\":[]}")));
                }
            }
            (4, Self::Object(members)) => members.iter_mut().for_each(|(key, _)| key.insert(key.len() - 1, ' ')),
            (5, Self::Array(elements)) => *self = elements.first().cloned().unwrap_or_else(|| leaf("null")),
            (6, Self::Array(elements)) => elements.push(leaf("\"odd\"")),
            (7, Self::Leaf(raw)) => *raw = "-12.50e+3".to_owned(),
            (8, Self::Leaf(raw)) => *raw = "\"\"".to_owned(),
            (9, Self::Leaf(raw)) => *raw = "null".to_owned(),
            (10, Self::Leaf(raw)) => *raw = "\"\\u010d \\\"\\ud83d\\ude00\"".to_owned(),
            (11, _) => *self = leaf("true"),
            (12, _) => *self = Self::Object(Vec::new()),
            (13, _) => *self = Self::Array(vec![old.clone(), old]),
            _ => *self = Self::Array(vec![old]),
        }
    }
}

#[test]
fn no_payload_loses_anything() {
    for payload in payloads() {
        let lost = lost(&payload, payload.body.get());
        assert!(matches!(&lost, Ok(lost) if lost.is_empty()), "{} {}: {lost:?}", payload.endpoint, payload.kind);
    }
}

#[test]
fn every_endpoint_reads_any_shape() {
    for (family, endpoints) in FAMILIES {
        for (name, ..) in endpoints {
            for kind in [Kind::Request, Kind::Response, Kind::Webhook] {
                for body in [r#"{"opr_code":"1","x":[{}]}"#, "[]", "{}", "\"text\"", "null", r#"[[1],{"a":2},3]"#] {
                    let endpoint = format!("{family}{name}");
                    let decoded = decode(&endpoint, kind, body.as_bytes()).expect("any JSON is read");
                    assert_eq!(decoded.lost, Vec::<String>::new(), "{endpoint} {body}");
                }
            }
        }
    }
}

#[test]
fn an_endpoint_is_found_by_its_path() {
    for known in [
        "https://main.metakocka.si/rest/eshop/v1/search",
        "/rest/eshop/v1/search?x=1",
        "/rest/eshop/getUserPrices/16/key/",
    ] {
        assert!(decoder(known, Kind::Response).is_some(), "{known}");
    }
    for unknown in ["", "search", "/rest/eshop/v1/unknown", "/rest/v1/search", "/rest/eshop/v1/", "http://x"] {
        assert!(decoder(unknown, Kind::Response).is_none(), "{unknown}");
        assert_eq!(decode(unknown, Kind::Response, b"{}").expect_err("unknown").code(), "unknown_endpoint");
    }
}

#[test]
fn broken_payloads_are_refused_with_a_code() {
    let cases: [(&[u8], &str); 7] = [
        (b"{\"opr_code\":\"0\"", "json_truncated"),
        (b"<html>", "json_malformed"),
        (b"{\"a\":NaN}", "json_malformed"),
        (b"\xff\xfe", "json_not_utf8"),
        (b"{\"a\":\"\\ud83d\"}", "bad_text"),
        (b"{\"a\":[{\"b\":\"x\\u0000\"}]}", "bad_text"),
        (b"", "json_truncated"),
    ];
    for (body, code) in cases {
        let refused = decode("*", Kind::Response, body).expect_err("it is broken");
        assert_eq!(refused.code(), code, "{}", String::from_utf8_lossy(body));
    }
}

/// A decoder with a fault: it forgets what no field takes.
#[derive(Default)]
struct Forgetful<'a>(wire::Envelope<'a>);

impl<'a> Fields<'a> for Forgetful<'a> {
    const NAME: &'static str = "Forgetful";
    const NAMES: &'static [&'static str] = wire::Envelope::NAMES;
    const INDEX: &'static wire::Index = wire::Envelope::INDEX;
    fn read(&mut self, index: usize, reader: &mut Reader<'a>) -> Outcome<bool> {
        self.0.read(index, reader)
    }
    fn text(&self, name: &str) -> Option<wire::Text<'a>> {
        self.0.text(name)
    }
    fn keep(&mut self, _: &'a str, reader: &mut Reader<'a>) -> Outcome<()> {
        reader.value().map(drop)
    }
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }
}

#[test]
fn the_check_sees_what_a_faulty_decoder_drops() {
    let lost = |body: &str| {
        let mut reader = Reader::of(body);
        let root = Rows::<'_, Forgetful<'_>>::read(&mut reader).expect("well-formed");
        report(body.as_bytes(), &root, |_| Conversions::new()).expect("comparable").lost
    };
    assert_eq!(lost(r#"{"opr_code":"0","mk_id":"1"}"#), Vec::<String>::new());
    assert_eq!(lost(r#"{"opr_code":"0","new":{"a":["x","y"]}}"#), [".new.a[0]", ".new.a[1]"]);
    assert_eq!(lost(r#"{"mk_id":"1","mk_id":"2"}"#), [".mk_id"]);
    assert_eq!(lost(r#"[{"mk_id":"1"},{"empty":{}}]"#), ["[1]", "[1].empty"]);
}

#[test]
fn a_value_that_is_written_otherwise_is_seen_and_another_spelling_of_it_is_not() {
    let differences = |a: &str, b: &str| super::loss::differences(a.as_bytes(), b.as_bytes()).expect("comparable");
    assert_eq!(differences(r#"{"a":1.50,"b":"c"}"#, r#"{"b":"\u0063","a":"1.50"}"#), Vec::<String>::new());
    assert_eq!(differences(r#"{"a":[{"b":1}]}"#, r#"{"a":{"b":1}}"#), Vec::<String>::new());
    assert_eq!(differences(r#"{"a":1.50}"#, r#"{"a":1.5}"#), [".a", ".a"]);
    assert_eq!(differences(r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#).len(), 4);
    assert_eq!(differences(r#"{"a":1}"#, r#"{"a":1,"b":2}"#), [".b"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_change_of_a_payload_loses_anything(
        pick in any::<prop::sample::Index>(),
        changes in prop::collection::vec((0_usize..60, 0_u8..15), 1..5),
    ) {
        let payloads = payloads();
        let payload = &payloads[pick.index(payloads.len())];
        let mut json = Json::read(&mut Reader::of(payload.body.get())).expect("well-formed");
        for (mut countdown, change) in changes {
            json.change(&mut countdown, change);
        }
        let mut body = String::new();
        json.write(&mut body);
        let lost = lost(payload, &body);
        prop_assert!(matches!(&lost, Ok(lost) if lost.is_empty()), "{} {body}: {lost:?}", payload.endpoint);
    }

    #[test]
    fn no_cut_and_no_flipped_byte_makes_it_crash(
        pick in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let payloads = payloads();
        let payload = &payloads[pick.index(payloads.len())];
        let body = payload.body.get();
        let at = cut.index(body.len());
        let kind = payload.kind.parse().expect("a known kind");
        prop_assert!(decode(&payload.endpoint, kind, &body.as_bytes()[..at]).is_err());
        let mut flipped = body.as_bytes().to_vec();
        flipped[at] = byte;
        let _ = decode(&payload.endpoint, kind, &flipped);
    }
}
