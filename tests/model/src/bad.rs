//! Known-bad variants: what others do wrong. Each must be caught by the oracles.

use std::str::FromStr;

macro_rules! variants {
    ($($name:ident = $text:literal: $doc:literal),* $(,)?) => {
        /// A protocol with one mistake.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bad { $(#[doc = $doc] $name),* }

        impl Bad {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

variants! {
    NoGate = "no-gate": "A worker that was frozen sends when it wakes.",
    TrustWall = "trust-wall": "The window of a send is judged by the wall clock alone, which may be set back.",
    NoSettle = "no-settle": "A lost answer is searched for at once.",
    ShortSettle = "short-settle": "A lost answer is waited for one minute only.",
    AddsAgain = "adds-again": "A line whose answer was lost is looked for after one minute only, and added again.",
    NoControl = "no-control": "A search that finds nothing is believed.",
    UnknownIsFailed = "unknown-is-failed": "A lost answer counts as not executed.",
    SendTwice = "send-twice": "The client sends again when no answer comes.",
    NoCas = "no-cas": "A row is written whatever its version and the lease are.",
    NoProbe = "no-probe": "The first send is not preceded by a search.",
    NearMatch = "near-match": "A near match is taken for the record.",
    NoHoldBack = "no-hold-back": "A new ERP record is told to the CRM although an open create may have made it.",
    SentIsBase = "sent-is-base": "The base is what was sent, not what came back.",
    PingPong = "ping-pong": "What the ERP rounded counts as its edit and is corrected.",
    PageIsEmpty = "page-is-empty": "A web page in place of an answer is an empty list.",
    FailedIsGone = "failed-is-gone": "A reading that failed means that the record is gone.",
    NoGuard = "no-guard": "Every deletion passes.",
    OneSweep = "one-sweep": "What is not on one list is gone, without a lookup and a second list.",
    BelieveWrongCompany = "believe-wrong-company": "Another company's answer is believed: the control is not looked for.",
    DeleteBeatsEdit = "delete-beats-edit": "A record is deleted although the other side changed it.",
    IgnoresLock = "ignores-lock": "An order is changed after its invoice was issued.",
    NoTenant = "no-tenant": "Record ids do not depend on the tenant.",
    StaleSeen = "stale-seen": "An edit on an old revision is compared with the present one.",
    WholeRecord = "whole-record": "An update sends every field.",
    DeadLetter = "dead-letter": "After three visits a record is given up silently.",
    LostFeed = "lost-feed": "The feed's cursor moves although the page was lost.",
    TellAfter = "tell-after": "What a write tells is written after it, not with it.",
    OldOverNew = "old-over-new": "The CRM takes an older revision over a newer one.",
    AnyAnswerIsDone = "any-answer-is-done": "An answer without an id counts as done.",
    RefusalIsRejection = "refusal-is-rejection": "A refused key counts as a refusal of the record.",
    HintOnly = "hint-only": "What a lost hint named is never looked at.",
    BlindRetry = "blind-retry": "A row's write whose fate is unknown is applied to whatever is there now.",
    CursorFirst = "cursor-first": "A run's position is written before its records, not with them.",
    BodyIsTruth = "body-is-truth": "A webhook's body is taken for the present stock.",
    StaleSettings = "stale-settings": "Settings are read once and never again.",
    IgnoresPause = "ignores-pause": "A worker goes on although its tenant is paused.",
    EraseResurrects = "erase-resurrects": "A worker writes the row of a person who was erased meanwhile.",
    TwinsApart = "twins-apart": "Two spellings of one value are two values.",
    UnlinkedPartner = "unlinked-partner": "A document is sent with its partner's name in place of its id.",
    OwnSums = "own-sums": "The CRM's sums stand, not the ERP's.",
    NoBucket = "no-bucket": "Nobody asks the bucket.",
    ActBlindResend = "act-blind-resend": "An action whose answer was lost is sent again without a look.",
    ActNoSettle = "act-no-settle": "What a lost answer left is looked for at once, and then the action is sent again.",
    ActForgets = "act-forgets": "An action forgets what the document was like before it was first sent.",
    MergeForgets = "merge-forgets": "What a contact has that went into another one does not go with it.",
    MergeMakesBoth = "merge-makes-both": "A contact that went into another one is made in the ERP all the same.",
    MergeBlind = "merge-blind": "What people arrange is written on rows that have changed since they were read.",
    AliasLost = "alias-lost": "What names a contact that went into another one is not led to that one.",
    UnmergeAnyway = "unmerge-anyway": "A merge is taken back although the one that stayed was changed since.",
    UnlinkRejoins = "unlink-rejoins": "A contact that was taken apart is searched for again.",
    UnlinkMatches = "unlink-matches": "An edit of a contact that was taken apart lets it be matched again.",
    UnlinkPulls = "unlink-pulls": "What the ERP changes goes on to a contact that was taken apart from its partner.",
    VersionsAlone = "versions-alone": "A row that was taken away and is there again is the one that was read, by its version.",
    KindsMixed = "kinds-mixed": "A walk down from the newest of one kind ends at one that is known of any kind.",
    TransferAppends = "transfer-appends": "A changed line of a transfer is sent beside the line that it was.",
    NewestKnown = "newest-known": "A walk down from the newest ends at the newest that is known, which may be newer than ours.",
    ThunderingHalfOpen = "thundering-half-open": "All try at once whether the ERP answers again.",
}

impl FromStr for Bad {
    type Err = anyhow::Error;
    fn from_str(s: &str) -> anyhow::Result<Self> {
        let names = || Self::ALL.iter().map(|b| b.name()).collect::<Vec<_>>().join(", ");
        Self::ALL
            .iter()
            .copied()
            .find(|b| b.name() == s)
            .ok_or_else(|| anyhow::anyhow!("no variant {s}; there are {}", names()))
    }
}
