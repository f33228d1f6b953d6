//! report (a real PDF, at once or by token) and accounting_export.

use super::{Call, Done, Refusal};
use crate::model::{Document, Id};
use crate::pdf;
use crate::state::company::Company;
use crate::state::extras::Job;
use crate::wire::json::Obj;
use crate::wire::time::{SlovenianDate, parse_date};
use jiff::SignedDuration;
use std::fmt::Write as _;

/// How seldom the progress of a report is told.
const PROGRESS: SignedDuration = SignedDuration::from_secs(10);

/// A printed document, or the state of one that is being printed.
pub(crate) fn report(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    if let Some(token) = body.text("token") {
        return poll(call, obj, &token);
    }
    if body.text("report_id").is_none() {
        return Err(Refusal::application("report_id is required"));
    }
    let id = body.id("mk_id");
    if body.is_on("async") {
        let lines = match id {
            Some(id) => printed(call.company, id).ok_or_else(missing)?,
            None => vec![call.company.name.clone()],
        };
        let token = call.token();
        let seconds = SignedDuration::from_secs(i64::from(call.company.settings.report_seconds));
        let done_at = call.now.saturating_add(seconds).unwrap_or(call.now);
        let job = Job {
            done_at,
            expires_at: done_at.saturating_add(SignedDuration::from_hours(24)).unwrap_or(done_at),
            progress_told: None,
            file: pdf::page(&lines),
            content_type: "application/pdf",
            label: lines.first().cloned().unwrap_or_default(),
        };
        call.company.extras.jobs.insert(token.clone(), job);
        obj.text("token", &token);
        return Ok(());
    }
    let id = id.ok_or_else(|| Refusal::application("mk_id is required"))?;
    let lines = printed(call.company, id).ok_or_else(missing)?;
    call.whole = Some(("application/pdf", pdf::page(&lines)));
    Ok(())
}

fn missing() -> Refusal {
    Refusal::application("Document for report not found")
}

fn poll(call: &mut Call<'_>, obj: &mut Obj<'_>, token: &str) -> Done {
    let other = call.token();
    let (now, base) = (call.now, call.base);
    let job = call.company.extras.jobs.get_mut(token).filter(|job| now < job.expires_at);
    let job = job.ok_or_else(|| Refusal::application("Report with this token does not exist."))?;
    if job.done_at <= now {
        obj.text("token", token);
        obj.text("url", &format!("{base}/download/report/{token}"));
        return Ok(());
    }
    // While it is being made the answer carries another token, as the documentation shows.
    obj.text("token", &other);
    let due = job.progress_told.is_none_or(|told| now.duration_since(told) >= PROGRESS);
    if due {
        job.progress_told = Some(now);
    }
    obj.text("progress", &format!("Priprava podatkov za račun {}", job.label));
    Ok(())
}

/// What is printed of a document, line by line.
fn printed(company: &Company, id: Id) -> Option<Vec<String>> {
    let doc: &Document = company.documents.get(&id)?;
    let sums = company.sums(doc);
    let mut lines = vec![
        format!("{} {}", company.name, doc.count_code),
        format!("{}  {}", doc.doc_type.name(), SlovenianDate(doc.doc_date)),
    ];
    if let Some(partner) = doc.partner.and_then(|id| company.partners.get(&id)) {
        lines.push(partner.customer.clone());
        if let Some(address) = partner.addresses.first() {
            lines.push(format!("{}, {} {}", address.street, address.post_number, address.city));
        }
    }
    for row in &doc.rows {
        lines.push(format!("{}  {} {}  {}", row.name, row.amount.normalize(), row.unit, row.price.normalize()));
    }
    for (code, tax) in &sums.taxes {
        lines.push(format!("DDV {code}  {tax}"));
    }
    lines.push(format!("Skupaj {} {}", sums.all, doc.currency));
    Some(lines)
}

/// An export of the bills of a period; one at a time, the others wait behind it.
pub(crate) fn export(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    if body.texts("profile_name_list").is_empty() {
        return Err(Refusal::new(1, "java.lang.NullPointerException"));
    }
    let date = |key: &str| {
        let date = body.text(key).and_then(|text| parse_date(&text));
        date.ok_or_else(|| Refusal::invalid(format!("Polje {key} je obvezno.")))
    };
    let (from, to) = (date("from_date")?, date("to_date")?);
    let token = call.token();
    let mut file = String::from("doc_type;count_code;doc_date;sum_basic;sum_all\n");
    for kind in crate::state::doctype::ALL.iter().filter(|kind| kind.is_bill()) {
        for doc in call.company.indexes.dated(*kind, from, to).filter_map(|id| call.company.documents.get(&id)) {
            let sums = call.company.sums(doc);
            // Writing to a string cannot fail.
            let _ = writeln!(file, "{};{};{};{};{}", kind.name(), doc.count_code, doc.doc_date, sums.basic, sums.all);
        }
    }
    let extras = &mut call.company.extras;
    let free = extras.export_busy_until.filter(|until| *until > call.now).unwrap_or(call.now);
    let seconds = SignedDuration::from_secs(i64::from(call.company.settings.export_seconds));
    let done_at = free.saturating_add(seconds).unwrap_or(free);
    extras.export_busy_until = Some(done_at);
    let job = Job {
        done_at,
        expires_at: done_at.saturating_add(SignedDuration::from_secs(3600)).unwrap_or(done_at),
        progress_told: None,
        file: file.into_bytes(),
        content_type: "text/csv;charset=UTF-8",
        label: String::new(),
    };
    extras.jobs.insert(token.clone(), job);
    obj.text("result_url", &format!("{}/download/export/{token}", call.base));
    obj.text("job_id", &token);
    Ok(())
}
