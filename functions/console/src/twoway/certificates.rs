//! The certificates: each day and object type, whether both sides hold the same.

use app::twoway::certificates::Daily;
use domain::RecordId;
use sync::certificate::{Difference, DifferenceKind, Digest};

use super::{RecordLink, count};
use crate::reader::{Reader, When};

/// So many bytes of a digest are shown: enough to see that two are not the same.
const SHORT: usize = 6;

/// A record that differs.
pub(crate) struct DifferenceRow {
    pub(crate) record: RecordLink,
    pub(crate) how: &'static str,
}

/// A certificate.
pub(crate) struct CertificateRow {
    pub(crate) day: String,
    pub(crate) object: &'static str,
    pub(crate) at: When,
    pub(crate) is_equal: bool,
    pub(crate) result: String,
    pub(crate) crm_count: String,
    pub(crate) erp_count: String,
    pub(crate) crm_digest: String,
    pub(crate) erp_digest: String,
    pub(crate) differences: Vec<DifferenceRow>,
    pub(crate) more: Option<String>,
}

/// A certificate as a page shows it.
pub(crate) fn certificate_row(daily: &Daily, reader: &Reader<'_>) -> CertificateRow {
    let c = &daily.certificate;
    let listed = count(c.differences.len());
    CertificateRow {
        day: daily.day.clone(),
        object: reader.phrases().object(daily.object),
        at: reader.when(daily.at),
        is_equal: c.equal,
        result: if c.equal {
            reader.sync_texts().equal.to_owned()
        } else {
            reader.phrases().differences(listed.saturating_add(c.more))
        },
        crm_count: reader.number(c.crm.count),
        erp_count: reader.number(c.erp.count),
        crm_digest: short(&c.crm),
        erp_digest: short(&c.erp),
        differences: c.differences.iter().filter_map(|d| difference_row(d, reader)).collect(),
        more: (c.more > 0).then(|| reader.phrases().first_of_more(listed)),
    }
}

/// The highest bytes, as the whole digest begins.
fn short(digest: &Digest) -> String {
    let bytes: Vec<u8> = digest.sum.iter().rev().take(SHORT).copied().collect();
    crate::assets::hex(&bytes)
}

fn difference_row(difference: &Difference, reader: &Reader<'_>) -> Option<DifferenceRow> {
    let w = reader.sync_texts();
    let id: RecordId = difference.key.parse().ok()?;
    let how = match difference.kind {
        DifferenceKind::OnlyCrm => w.only_crm,
        DifferenceKind::OnlyErp => w.only_erp,
        DifferenceKind::Differs => w.differs,
    };
    Some(DifferenceRow { record: RecordLink::of_id(id, None, reader), how })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{at, id, reader};
    use super::*;
    use domain::{ContentHash, Object};
    use runtime::{Language, Role};
    use std::collections::BTreeMap;
    use sync::certificate::compare;

    #[test]
    fn differences_are_counted_beyond_those_that_are_listed() {
        let crm: BTreeMap<_, _> = (1..=5).map(|n| (id(Object::Orders, n).to_string(), ContentHash(n))).collect();
        let row = |erp, limit| {
            let certificate = compare(&crm, erp, limit);
            let daily = Daily { day: "2026-11-24".to_owned(), object: Object::Orders, at: at(0), certificate };
            certificate_row(&daily, &reader(Language::Sl, Role::Accountant))
        };
        let none = BTreeMap::new();
        let differs = row(&none, 2);
        assert_eq!((differs.result.as_str(), differs.differences.len(), differs.is_equal), ("5 razlik", 2, false));
        assert_eq!(differs.more.as_deref(), Some("Prikazanih je prvih 2; jih je še več."));
        assert_eq!((differs.differences[0].how, differs.erp_digest.as_str()), ("samo v CRM", "000000000000"));
        let same = row(&crm, 2);
        assert_eq!((same.result.as_str(), same.more, same.crm_digest == same.erp_digest), ("Enako", None, true));
    }
}
