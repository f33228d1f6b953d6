//! The blacklist: search_blacklist_partner and import_blacklist_partner.

use super::{Call, Done, Refusal};
use crate::state::extras::Blacklisted;
use crate::wire::json::Obj;
use std::collections::BTreeSet;

/// Entries that match e-mail, phone or name.
pub(crate) fn search(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    if !call.company.settings.blacklist {
        return Err(Refusal::new(1, "internal server error"));
    }
    let body = call.body;
    if body.text("api_user_email").is_none() {
        return Err(Refusal::invalid("Polje api_user_email je obvezno."));
    }
    let same = |wanted: &Option<String>, own: &Option<String>| {
        wanted
            .as_ref()
            .is_some_and(|wanted| own.as_ref().is_some_and(|own| own.to_lowercase() == wanted.to_lowercase()))
    };
    let (email, phone) = (body.text("partner_email"), body.text("partner_phone_number"));
    let name = body.text("partner_name");
    if email.is_none() && phone.is_none() && name.is_none() {
        return Err(Refusal::invalid("One of partner search parameters must be set."));
    }
    let list: Vec<&Blacklisted> = call
        .company
        .extras
        .blacklist
        .iter()
        .filter(|entry| same(&email, &entry.email) || same(&phone, &entry.phone) || same(&name, &entry.customer))
        .collect();
    obj.show("partner_list_count", list.len());
    obj.list("partner_list", call.company.plain_list(), list, |obj, entry| {
        obj.show("mk_id", entry.mk_id);
        obj.opt("customer", entry.customer.as_deref());
        obj.opt("email", entry.email.as_deref());
        obj.opt("phone", entry.phone.as_deref());
        obj.opt("reason", entry.reason.as_deref());
    });
    Ok(())
}

/// Adds entries, or with `clear_all` replaces the whole list; all or nothing.
pub(crate) fn import(call: &mut Call<'_>, obj: &mut Obj<'_>) -> Done {
    let clear = call.body.is_on("clear_all");
    let mut fresh: Vec<Blacklisted> = Vec::new();
    let (mut emails, mut phones) = (BTreeSet::new(), BTreeSet::new());
    for (at, data) in call.body.list("blacklist").into_iter().enumerate() {
        let row = at + 1;
        let phone = ["phone", "gsm", "mobilephone"].iter().find_map(|key| data.text(key));
        let email = data.text("email");
        if email.is_none() && phone.is_none() {
            return Err(Refusal::invalid(format!("Row {row}: email and phone/gsm are both empty")));
        }
        if email.as_ref().is_some_and(|email| !emails.insert(email.to_lowercase())) {
            return Err(Refusal::invalid(format!("Row {row}: email is not unique")));
        }
        if phone.as_ref().is_some_and(|phone| !phones.insert(phone.clone())) {
            return Err(Refusal::invalid(format!("Row {row}: phone is not unique")));
        }
        let mk_id = call.company.next_id();
        fresh.push(Blacklisted { mk_id, customer: data.text("customer"), email, phone, reason: data.text("reason") });
    }
    let known = &mut call.company.extras.blacklist;
    if !clear {
        let mail_hits: Vec<String> = known
            .iter()
            .filter_map(|entry| entry.email.clone())
            .filter(|email| emails.contains(&email.to_lowercase()))
            .collect();
        let phone_hits: Vec<String> =
            known.iter().filter_map(|entry| entry.phone.clone()).filter(|phone| phones.contains(phone)).collect();
        if !mail_hits.is_empty() || !phone_hits.is_empty() {
            return Err(Refusal::application(format!(
                "Some entries are already blacklisted. Either set clear_all=true to replace the whole list, or remove \
                 the already existing entries from the request. Emails: {}. Phones: {}.",
                mail_hits.join(", "),
                phone_hits.join(", ")
            )));
        }
    }
    let cleared = if clear { std::mem::take(known).len() } else { 0 };
    let inserted = fresh.len();
    known.extend(fresh);
    obj.text(
        "opr_desc",
        &format!("Blacklist import OK. Inserted {inserted} entries, cleared {cleared} existing entries."),
    );
    Ok(())
}
