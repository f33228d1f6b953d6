//! Files of documents as the API tells them.
//!
//! Decides the form only.

use app::files::LookView;
use app::files::attached::{Attached, Fate, Origin};

use crate::contract;

/// The files of a document, and what is known of the last look at them.
pub(crate) fn attachments(all: &[Attached], looked: &LookView) -> contract::Attachments {
    contract::Attachments { data: all.iter().map(attachment).collect(), look: look(looked) }
}

/// A look.
pub(crate) fn look(view: &LookView) -> contract::AttachmentsLook {
    contract::AttachmentsLook {
        pending: view.pending,
        looked_at: view.looked_at.map(|at| contract::Timestamp(at.to_string())),
        problem: view.problem.clone(),
    }
}

fn attachment(file: &Attached) -> contract::Attachment {
    let kept = match file.fate {
        Fate::Kept { hash, size, kind } => Some((hash.to_string(), size, kind.media_type().to_owned())),
        Fate::Refused { .. } => None,
    };
    let (blake3, size, content_type) = match kept {
        Some((hash, size, kind)) => (Some(hash), Some(size), Some(kind)),
        None => (None, None, None),
    };
    contract::Attachment {
        id: contract::FileId(file.id.clone()),
        name: file.name.clone(),
        source: match file.origin {
            Origin::Erp => contract::Origin::Erp,
            Origin::Crm => contract::Origin::Crm,
        },
        first_seen: contract::Timestamp(file.first_seen.to_string()),
        in_erp: file.in_erp,
        state: if blake3.is_some() { contract::FileState::Kept } else { contract::FileState::Refused },
        why: match file.fate {
            Fate::Kept { .. } => None,
            Fate::Refused { why } => Some(why.code().to_owned()),
        },
        content_type,
        size,
        blake3,
    }
}
