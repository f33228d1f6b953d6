//! The pages that the navigation leads to.

use runtime::Language;

use crate::wording::{FindTexts, StoryTexts, SyncTexts, Texts};

/// Where a reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Waiting,
    Find,
    Plans,
    Certificates,
    Settings,
    Registers,
    /// A page that others lead to.
    Elsewhere,
}

/// An entry of the navigation.
pub(crate) struct PlaceLink {
    pub(crate) address: &'static str,
    pub(crate) name: &'static str,
    pub(crate) is_here: bool,
}

impl Place {
    const LISTED: [Self; 7] =
        [Self::Overview, Self::Waiting, Self::Find, Self::Plans, Self::Certificates, Self::Settings, Self::Registers];

    /// Its address.
    pub(crate) const fn address(self) -> &'static str {
        match self {
            Self::Overview | Self::Elsewhere => "/console/",
            Self::Waiting => "/console/waiting",
            Self::Find => "/console/find",
            Self::Plans => "/console/plans",
            Self::Certificates => "/console/certificates",
            Self::Settings => "/console/settings",
            Self::Registers => "/console/registers",
        }
    }

    fn name(self, language: Language) -> &'static str {
        let w = SyncTexts::of(language);
        match self {
            Self::Overview | Self::Elsewhere => Texts::of(language).overview,
            Self::Waiting => w.waiting_title,
            Self::Find => FindTexts::of(language).title,
            Self::Plans => w.plans_title,
            Self::Certificates => w.certificates_title,
            Self::Settings => w.settings_title,
            Self::Registers => StoryTexts::of(language).registers_title,
        }
    }

    /// The navigation as a reader of this page sees it.
    pub(crate) fn links(self, language: Language) -> Vec<PlaceLink> {
        let link =
            |place: Self| PlaceLink { address: place.address(), name: place.name(language), is_here: place == self };
        Self::LISTED.map(link).into()
    }
}
