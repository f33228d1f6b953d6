//! The console's addresses.

/// An address and how it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Without the slash.
    Redirect,
    Overview,
    Live,
    /// The page of a link, which does not use it up.
    Ask,
    /// The button on that page.
    Enter,
    Leave,
    Left,
    Sync,
    Pause,
    Resume,
    /// An address that there is not.
    Nothing,
}

impl Page {
    pub(crate) const ALL: [Self; 11] = [
        Self::Redirect,
        Self::Overview,
        Self::Live,
        Self::Ask,
        Self::Enter,
        Self::Sync,
        Self::Pause,
        Self::Resume,
        Self::Left,
        Self::Nothing,
        Self::Leave,
    ];

    pub(crate) const fn method(self) -> &'static str {
        match self {
            Self::Enter | Self::Leave | Self::Sync | Self::Pause | Self::Resume => "POST",
            _ => "GET",
        }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Redirect => "/console",
            Self::Overview => "/console/",
            Self::Live => "/console/live",
            Self::Ask | Self::Enter => "/console/enter",
            Self::Leave => "/console/leave",
            Self::Left => "/console/left",
            Self::Sync => "/console/runs",
            Self::Pause => "/console/connection/pause",
            Self::Resume => "/console/connection/resume",
            Self::Nothing => "/console/nothing",
        }
    }

    /// Whether it is a form that only a page of the same session can send.
    pub(crate) const fn is_guarded(self) -> bool {
        matches!(self, Self::Leave | Self::Sync | Self::Pause | Self::Resume)
    }
}
