//! The text of the pages.
//!
//! Everything that is not written here goes through [`esc`]: contents come from both sides and may hold anything.

use super::Shown;
use crate::record::{CrmRecord, Life};
use crate::sim::CrmSim;
use crate::wire::Object;
use std::fmt::Write as _;

/// Records on a page.
const PAGE: usize = 50;

const STYLE: &str = "body{font:15px/1.4 system-ui,sans-serif;margin:1.5rem auto;max-width:75rem;padding:0 1rem;color:#222}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd;\
vertical-align:top}nav a,nav b{margin-right:1rem}form{display:inline}textarea{width:100%;font:13px monospace}\
input{font:13px monospace}.waiting{color:#a60}.problem{color:#b00}.gone{color:#888}.ok{color:#070}";

/// A text as it may stand between tags and in attributes.
fn esc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn frame(title: &str, body: &str) -> String {
    let title = esc(title);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>"
    )
}

/// A button that is a form of its own.
fn button(action: &str, does: &str, text: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{}\"><button name=\"do\" value=\"{}\">{}</button></form> ",
        esc(action),
        esc(does),
        esc(text)
    )
}

/// How a record stands: a class and words.
fn state(record: &CrmRecord) -> (&'static str, String) {
    let sync = record.sync.as_deref().unwrap_or("known");
    match (&record.problem, record.life) {
        (Some(problem), _) => ("problem", format!("refused: {} {} {}", problem.status, problem.code, problem.text)),
        (None, _) if record.is_waiting() => match &record.unknown {
            Some(why) => ("waiting", format!("to be sent again: {why}")),
            None => ("waiting", "to be sent".to_owned()),
        },
        (None, Life::Deleted) => ("gone", "deleted here".to_owned()),
        (None, Life::Archived) => ("gone", "archived: the ERP deleted it".to_owned()),
        (None, Life::Missing) => ("gone", "missing in the ERP".to_owned()),
        (None, Life::Live) => ("ok", sync.to_owned()),
    }
}

/// What people call a record.
fn name(record: &CrmRecord) -> &str {
    ["name", "title", "number", "code"].iter().find_map(|piece| record.fields.get(*piece)?.as_str()).unwrap_or("")
}

fn link(record: &CrmRecord) -> String {
    format!("/records/{}/{}", record.object, record.crm_id)
}

/// The list of an object type.
pub(super) fn list(sim: &CrmSim, object: Object, shown: &Shown) -> String {
    let standing = sim.standing();
    let mut body = String::from("<nav>");
    for (other, counts) in &standing.objects {
        let text = format!("{other} {} ({} to be sent, {} refused)", counts.records, counts.waiting, counts.problems);
        let _ = if *other == object {
            write!(body, "<b>{}</b>", esc(&text))
        } else {
            write!(body, "<a href=\"/?object={other}\">{}</a>", esc(&text))
        };
    }
    let _ = write!(body, "</nav><p>");
    let is_paused = standing.push_paused || standing.follow_paused;
    body += &if is_paused { button("/loops", "resume", "Resume") } else { button("/loops", "pause", "Pause") };
    body += &button("/loops", "push", "Push once");
    body += &button("/loops", "follow", "Follow once");
    let _ = write!(
        body,
        "<a href=\"/?object={object}\">all</a> <a href=\"/?object={object}&amp;only=waiting\">to be sent</a> \
         <a href=\"/?object={object}&amp;only=problem\">refused</a></p>\
         <table><tr><th>id</th><th>name</th><th>state</th><th>revision</th><th>ERP</th></tr>"
    );
    let records = sim.records(object);
    let fits = |record: &&CrmRecord| match shown.only.as_str() {
        "waiting" => record.is_waiting(),
        "problem" => record.problem.is_some(),
        _ => true,
    };
    let mut rows = records.iter().filter(fits).skip(shown.page.saturating_mul(PAGE));
    for record in rows.by_ref().take(PAGE) {
        let (class, words) = state(record);
        let _ = write!(
            body,
            "<tr><td><a href=\"{}\">{}</a></td><td>{}</td><td class=\"{class}\">{}</td><td>{}</td><td>{}</td></tr>",
            esc(&link(record)),
            esc(&record.crm_id),
            esc(name(record)),
            esc(&words),
            record.revision.map_or(String::new(), |revision| revision.to_string()),
            esc(record.erp_id.as_deref().unwrap_or("")),
        );
    }
    body += "</table>";
    if rows.next().is_some() {
        let (only, next) = (esc(&shown.only), shown.page.saturating_add(1));
        let _ = write!(body, "<p><a href=\"/?object={object}&amp;only={only}&amp;page={next}\">more</a></p>");
    }
    let _ = write!(
        body,
        "<h2>New</h2><form method=\"post\" action=\"/records\"><input type=\"hidden\" name=\"object\" value=\"{object}\">\
         <textarea name=\"fields\" rows=\"4\">{{}}</textarea><button>Make</button></form>"
    );
    frame("CRM", &body)
}

/// One record.
pub(super) fn single(record: &CrmRecord) -> String {
    let (class, words) = state(record);
    let action = link(record);
    let mut body = format!(
        "<p><a href=\"/?object={}\">all {}</a></p><p class=\"{class}\">{}</p><p>revision {}, record {}, ERP {}</p>",
        record.object,
        record.object,
        esc(&words),
        record.revision.map_or("none".to_owned(), |revision| revision.to_string()),
        esc(record.record.as_deref().unwrap_or("none")),
        esc(record.erp_id.as_deref().unwrap_or("none")),
    );
    for (what, value) in [("waits for a person", &record.hold), ("conflicts", &record.conflicts)] {
        if let Some(value) = value {
            let _ = write!(body, "<p class=\"problem\">{what}: {}</p>", esc(&value.to_string()));
        }
    }
    body += "<table><tr><th>piece</th><th>value</th></tr>";
    let dirty: Vec<&str> = record.dirty_pieces().collect();
    for (piece, value) in &record.fields {
        let class = if dirty.contains(&piece.as_str()) { "waiting" } else { "" };
        let _ = write!(body, "<tr><td class=\"{class}\">{}</td>", esc(piece));
        body += &editor(
            &action,
            &format!("<input type=\"hidden\" name=\"piece\" value=\"{}\">", esc(piece)),
            &value.to_string(),
        );
    }
    body += "<tr><td>another</td>";
    body += &editor(&action, "<input name=\"piece\" placeholder=\"name\">", "");
    body += "</table><p>An empty value unsets a piece. A value is JSON, or a text.</p>";
    body += &button(&action, "delete", "Delete");
    if record.problem.is_some() {
        body += &button(&action, "retry", "Send again");
    }
    frame(&format!("{} {}", record.object, record.crm_id), &body)
}

/// The cells of a piece that can be edited. `piece` is the field that names it.
fn editor(action: &str, piece: &str, value: &str) -> String {
    format!(
        "<td><form method=\"post\" action=\"{}\">{piece}<textarea name=\"value\" rows=\"1\">{}</textarea>\
         <button name=\"do\" value=\"edit\">Save</button></form></td></tr>",
        esc(action),
        esc(value)
    )
}

/// A page that says what was wrong.
pub(super) fn trouble(text: &str) -> String {
    frame("That was not done", &format!("<p class=\"problem\">{}</p><p><a href=\"/\">Back</a></p>", esc(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use serde_json::json;

    #[test]
    fn no_content_becomes_a_tag() {
        let evil = "\"><script>alert('&')</script>";
        let fields = [("name".to_owned(), json!(evil)), (evil.to_owned(), json!(evil))];
        let record = CrmRecord::made(Object::Contacts, evil.to_owned(), fields.into(), Timestamp::UNIX_EPOCH);
        for page in [single(&record), trouble(evil)] {
            assert!(!page.contains("<script"), "{page}");
            assert!(page.contains("&lt;script&gt;alert(&#39;&amp;&#39;)"), "{page}");
        }
    }
}
