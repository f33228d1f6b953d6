//! Log lines: an event with the fields of the spans it happened in, as one JSON object.

use serde_json::{Map, Value};
use std::fmt;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::{Redaction, Telemetry};

/// Where lines go.
type Sink = Box<dyn Fn(&str) + Send + Sync>;

/// A layer that writes each event as a line of JSON.
pub struct JsonLines {
    telemetry: Telemetry,
    redaction: Redaction,
    sink: Sink,
}

impl JsonLines {
    /// Lines with what `telemetry` says, to `sink`.
    pub fn new(telemetry: Telemetry, sink: Sink) -> Self {
        let redaction = Redaction::new(telemetry.key.clone());
        Self { telemetry, redaction, sink }
    }

    fn visitor<'a>(&'a self, fields: &'a mut Map<String, Value>) -> Visitor<'a> {
        Visitor { redaction: &self.redaction, fields }
    }
}

/// The fields of a span, already redacted.
struct Fields(Map<String, Value>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for JsonLines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Map::new();
        attributes.record(&mut self.visitor(&mut fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Fields(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(&mut self.visitor(&mut fields.0));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Map::new();
        for span in context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.extend(fields.0.clone());
            }
        }
        event.record(&mut self.visitor(&mut line));
        let head = [
            ("timestamp", self.telemetry.clock.now().to_string()),
            ("level", event.metadata().level().to_string()),
            ("target", event.metadata().target().to_owned()),
            ("service", self.telemetry.service.to_owned()),
            ("function", self.telemetry.function.clone()),
        ];
        line.extend(head.map(|(name, value)| (name.to_owned(), Value::String(value))));
        (self.sink)(&Value::Object(line).to_string());
    }
}

struct Visitor<'a> {
    redaction: &'a Redaction,
    fields: &'a mut Map<String, Value>,
}

impl Visitor<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let value = if self.redaction.hides(field.name()) { Value::from("[redacted]") } else { value.into() };
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for Visitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let text = self.redaction.text(field.name(), value);
        self.fields.insert(field.name().to_owned(), text.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;
    use cloud::Clock;
    use jiff::Timestamp;
    use std::sync::{Arc, Mutex};
    use tracing::Level;
    use tracing_subscriber::layer::SubscriberExt;

    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&lines);
        let telemetry = Telemetry {
            service: "webhook",
            function: "crm-webhook".to_owned(),
            level: Level::INFO,
            clock: Clock::from_fn(|| Timestamp::UNIX_EPOCH),
            key: SigningKey::new(vec![1; 32]),
        };
        let filter = telemetry.filter();
        let sink =
            Box::new(move |line: &str| into.lock().expect("no panic").push(serde_json::from_str(line).expect("JSON")));
        let layer = JsonLines::new(telemetry, sink).with_filter(filter);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        let lines = lines.lock().expect("no panic");
        lines.clone()
    }

    #[test]
    fn a_line_has_the_fields_of_its_spans_and_no_secret() {
        let lines = logged(|| {
            let outer = tracing::info_span!("request", trace_id = "0af7", route = "/v1/runs");
            let _outer = outer.enter();
            let inner = tracing::info_span!("call", tenant = "t_00000000000000000001", attempt = 2);
            let _inner = inner.enter();
            tracing::warn!(
                secret_key = "MARKER",
                token = 7,
                code = "busy",
                ok = false,
                "an event of {}",
                "t_00000000000000000001"
            );
            tracing::debug!("below the level");
        });
        let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
        let text = line.to_string();
        assert!(!text.contains("MARKER") && !text.contains("t_0000"), "{text}");
        assert_eq!(
            (&line["trace_id"], &line["route"], &line["attempt"]),
            (&"0af7".into(), &"/v1/runs".into(), &2.into())
        );
        assert_eq!((&line["level"], &line["code"], &line["ok"]), (&"WARN".into(), &"busy".into(), &false.into()));
        assert_eq!(
            (&line["token"], &line["service"], &line["timestamp"]),
            (&"[redacted]".into(), &"webhook".into(), &"1970-01-01T00:00:00Z".into())
        );
        assert_eq!(line["tenant"].as_str().map(str::len), Some(12));
    }

    #[test]
    fn libraries_are_heard_only_when_they_warn() {
        let lines = logged(|| {
            tracing::info!(target: "aws_smithy_runtime", "a whole request");
            tracing::warn!(target: "aws_smithy_runtime", "a warning");
            tracing::info!(target: "fn_webhook", "ours");
        });
        let messages: Vec<_> = lines.iter().map(|l| l["message"].as_str().unwrap_or_default()).collect();
        assert_eq!(messages, ["a warning", "ours"]);
    }
}
