//! send_message, get_message, get_email_events.

use super::{Call, Done, Refusal};
use crate::model::Id;
use crate::state::extras::Message;
use crate::wire::json::{Obj, write_object};
use crate::wire::time::{WireTime, parse_time};
use std::collections::BTreeMap;

const CHANNELS: &[&str] = &["sms", "viber", "whatsapp"];
const FROM: &str = "38640111222";

/// Sends a list of messages; each row has its own result.
pub(crate) fn send(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let list = call.body.list("message_list");
    if list.is_empty() {
        return Err(Refusal::invalid("Polje message_list je obvezno."));
    }
    let mut results: Vec<(Option<Id>, Option<String>, Option<String>)> = Vec::new();
    for data in list {
        let sender = data.text("sender_message_id");
        let channel = data.text("type").unwrap_or_default();
        let (to, text) = if channel == "email" {
            (data.text("email_to_list"), data.text("email_subject"))
        } else {
            (data.text("to_number"), data.text("message"))
        };
        let error = if channel != "email" && !CHANNELS.contains(&channel.as_str()) {
            Some("Type parameter must be set.".to_owned())
        } else if to.is_none() {
            Some("Receiver must be set.".to_owned())
        } else if text.is_none() {
            Some("Message must be set.".to_owned())
        } else {
            None
        };
        if error.is_some() {
            results.push((None, sender, error));
            continue;
        }
        let mk_id = call.company.next_id();
        let doc = data.id("doc_id").filter(|id| call.company.documents.contains_key(id));
        call.company.extras.messages.push(Message {
            mk_id,
            channel,
            to: to.unwrap_or_default(),
            text: text.unwrap_or_default(),
            sender_message_id: sender.clone(),
            doc,
            inbound: false,
            at: call.now,
        });
        results.push((Some(mk_id), sender, None));
    }
    obj.list("message_list", call.company.plain_list(), results, |obj, (id, sender, error)| {
        obj.show_opt("mk_id", id);
        obj.opt("sender_message_id", sender.as_deref());
        obj.text("status", if error.is_some() { "error" } else { "ok" });
        obj.opt("error_desc", error.as_deref());
    });
    Ok(())
}

/// Threads of a channel: of one document, or with new inbound messages. E-mail is not readable.
pub(crate) fn get(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let body = call.body;
    let channel = body.text("type").filter(|channel| CHANNELS.contains(&channel.as_str()));
    let channel = channel.ok_or_else(|| Refusal::invalid("Type parameter must be set."))?;
    let since = body.text("return_new_inbound_messages_from").and_then(|text| parse_time(&text));
    let company = &*call.company;
    let mut threads: BTreeMap<(&str, Option<Id>), Vec<&Message>> = BTreeMap::new();
    for message in company.extras.messages.iter().filter(|message| message.channel == channel) {
        threads.entry((&message.to, message.doc)).or_default().push(message);
    }
    let wanted = body.id("doc_id");
    threads.retain(|(_, doc), messages| {
        (wanted.is_none() || *doc == wanted)
            && since.is_none_or(|since| messages.iter().any(|message| message.inbound && message.at >= since))
    });
    let list = company.plain_list();
    obj.list("message_list", list, threads, |obj, ((to, doc), messages)| {
        obj.text("type", &channel);
        obj.text("to_number", to);
        obj.text("from_number", FROM);
        if let Some(doc) = doc.and_then(|id| company.documents.get(&id)) {
            obj.text("doc_type", doc.doc_type.name());
            obj.show("doc_id", doc.mk_id);
            obj.opt("customer_order", doc.buyer_order.as_deref());
            obj.text("doc_count_code", &doc.count_code);
        }
        obj.list("message_list", list, messages, |obj, message| {
            obj.text("message", &message.text);
            if !message.inbound {
                obj.text("status", "ok");
            }
            obj.text("direction", if message.inbound { "inbound" } else { "outbound" });
            obj.show("create_time", WireTime(message.at));
            obj.show("receive_time", WireTime(message.at));
        });
    });
    Ok(())
}

/// Delivery events of e-mails: a bare array, without an envelope.
#[expect(clippy::unnecessary_wraps, reason = "handlers share one signature")]
pub(crate) fn email_events(call: &mut Call<'_>, _obj: &mut Obj<'_>) -> Done {
    let wanted: Vec<Id> = call.body.texts("mk_id_list").iter().filter_map(|id| id.parse().ok()).collect();
    let mut out = String::from("[");
    let messages = call.company.extras.messages.iter();
    for message in messages.filter(|message| message.channel == "email" && wanted.contains(&message.mk_id)) {
        if out.len() > 1 {
            out.push(',');
        }
        write_object(&mut out, |obj| {
            obj.show("mk_id", message.mk_id);
            obj.opt("sender_message_id", message.sender_message_id.as_deref());
            obj.text("event", "delivered");
            obj.text("email", &message.to);
            obj.show("event_time", WireTime(message.at));
        });
    }
    out.push(']');
    call.whole = Some(("application/json;charset=UTF-8", out.into_bytes()));
    Ok(())
}
