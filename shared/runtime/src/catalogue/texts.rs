//! The codes with their texts. One entry a code: name, status, whether the same request may succeed later, then title, detail and remedy in English and Slovenian.

use super::Text;
use crate::language::Language;

macro_rules! catalogue {
    ($($variant:ident $name:literal $status:literal $retry:literal
        en $ent:literal, $end:literal, $enr:literal;
        sl $slt:literal, $sld:literal, $slr:literal;)*) => {
        /// A stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $end] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as programs see it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            pub(super) const fn status_number(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// Whether the same request may succeed later.
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$variant => $retry,)* }
            }

            /// What people read.
            pub const fn text(self, language: Language) -> Text {
                match (self, language) {
                    $(
                        (Self::$variant, Language::En) => Text { title: $ent, detail: $end, remedy: $enr },
                        (Self::$variant, Language::Sl) => Text { title: $slt, detail: $sld, remedy: $slr },
                    )*
                }
            }
        }
    };
}

catalogue! {
    // Who is asking
    Unauthorized "unauthorized" 401 false
        en "Not signed in", "The request carries no token or key, or one that is not accepted.", "Send a valid token or key as `Authorization: Bearer`. Sending the same one again does not help.";
        sl "Niste prijavljeni", "Zahteva nima žetona ali ključa ali pa ta ni veljaven.", "Pošljite veljaven žeton ali ključ v glavi `Authorization: Bearer`. Ponovitev z istim ne pomaga.";
    TokenExpired "token_expired" 401 false
        en "Token expired", "The token's time is over.", "Get a new token and send the request with it. Sending the same one again does not help.";
        sl "Žeton je potekel", "Veljavnost žetona je potekla.", "Pridobite nov žeton in zahtevo pošljite z njim. Ponovitev z istim žetonom ne pomaga.";
    RoleUnknown "role_unknown" 403 false
        en "Unknown role", "The token names a role that does not exist.", "Have the token issued with one of the listed roles. Trying again does not help.";
        sl "Neznana vloga", "Žeton navaja vlogo, ki ne obstaja.", "Žeton naj bo izdan z eno od naštetih vlog. Ponovni poskus ne pomaga.";
    Forbidden "forbidden" 403 false
        en "Not allowed", "Your role does not allow this.", "Ask an administrator for the permission that is named. Trying again does not help.";
        sl "Ni dovoljeno", "Vaša vloga tega ne dovoljuje.", "Za navedeno dovoljenje prosite skrbnika. Ponovni poskus ne pomaga.";
    NotFound "not_found" 404 false
        en "Not found", "There is nothing at this address that you may see.", "Check the address and the id. Trying again does not help.";
        sl "Ni najdeno", "Na tem naslovu ni ničesar, kar bi smeli videti.", "Preverite naslov in oznako. Ponovni poskus ne pomaga.";
    UnknownTenant "unknown_tenant" 404 false
        en "Unknown tenant", "This tenant does not exist here.", "Check which tenant the token or link was issued for. Trying again does not help.";
        sl "Neznan najemnik", "Ta najemnik tu ne obstaja.", "Preverite, za katerega najemnika je bil izdan žeton ali povezava. Ponovni poskus ne pomaga.";
    LinkInvalid "link_invalid" 401 false
        en "Link not valid", "The sign-in link was used already, is too old, or is incomplete.", "Ask for a new link. Opening this one again does not help.";
        sl "Povezava ni veljavna", "Prijavna povezava je že uporabljena, prestara ali nepopolna.", "Zahtevajte novo povezavo. Ponovno odpiranje te ne pomaga.";

    // The request
    InvalidRequest "invalid_request" 400 false
        en "Request not understood", "A part of the request is missing or not of the form it must have.", "Correct the listed parts and send the request again. Without a change, trying again does not help.";
        sl "Zahteva ni razumljiva", "Del zahteve manjka ali nima prave oblike.", "Popravite naštete dele in zahtevo pošljite znova. Brez popravka ponovni poskus ne pomaga.";
    InvalidCursor "invalid_cursor" 400 false
        en "Cursor not valid", "The cursor does not belong to this list.", "Start from the first page, without a cursor, and change no filter while paging. Trying again does not help.";
        sl "Kazalec ni veljaven", "Kazalec ne pripada temu seznamu.", "Začnite s prvo stranjo brez kazalca in med listanjem ne spreminjajte filtra. Ponovni poskus ne pomaga.";
    BodyTooLarge "body_too_large" 413 false
        en "Body too large", "The body is larger than this address takes.", "Send less at once. Trying again does not help.";
        sl "Vsebina je prevelika", "Vsebina zahteve je večja, kot jo ta naslov sprejme.", "Pošljite manj naenkrat. Ponovni poskus ne pomaga.";
    UnsupportedMediaType "unsupported_media_type" 415 false
        en "Media type not supported", "The body is not declared as JSON.", "Send the body as JSON with `Content-Type: application/json`. Trying again does not help.";
        sl "Vrsta vsebine ni podprta", "Vsebina ni označena kot JSON.", "Vsebino pošljite kot JSON z glavo `Content-Type: application/json`. Ponovni poskus ne pomaga.";
    MethodNotAllowed "method_not_allowed" 405 false
        en "Method not allowed", "This address does not know the method of the request.", "Use one of the methods in the `Allow` header. Trying again does not help.";
        sl "Metoda ni dovoljena", "Ta naslov metode iz zahteve ne pozna.", "Uporabite eno od metod iz glave `Allow`. Ponovni poskus ne pomaga.";
    IdempotencyKeyMissing "idempotency_key_missing" 400 false
        en "Idempotency key missing", "The request has no `Idempotency-Key`.", "Send a key that is new for each operation, for example a UUID. Trying again without one does not help.";
        sl "Manjka ključ idempotentnosti", "Zahteva nima glave `Idempotency-Key`.", "Pošljite ključ, ki je nov za vsako operacijo, na primer UUID. Ponovni poskus brez njega ne pomaga.";
    IdempotencyKeyInvalid "idempotency_key_invalid" 400 false
        en "Idempotency key not valid", "The `Idempotency-Key` is not 1 to 64 visible ASCII characters.", "Send another key, for example a UUID. Trying again with this one does not help.";
        sl "Ključ idempotentnosti ni veljaven", "Glava `Idempotency-Key` nima od 1 do 64 vidnih znakov ASCII.", "Pošljite drug ključ, na primer UUID. Ponovni poskus s tem ne pomaga.";
    IdempotencyRunning "idempotency_running" 409 true
        en "Still running", "The first request with this idempotency key has not ended yet.", "Wait a moment and send the same request again; you will get its answer.";
        sl "Se še izvaja", "Prva zahteva s tem ključem idempotentnosti še ni končana.", "Malo počakajte in isto zahtevo pošljite znova; dobili boste njen odgovor.";
    IdempotencyOtherBody "idempotency_other_body" 422 false
        en "Key used for another request", "The idempotency key was used before for a different request.", "Use a new key for a new request. Trying again with this key does not help.";
        sl "Ključ je že porabljen", "Ključ idempotentnosti je bil že uporabljen za drugačno zahtevo.", "Za novo zahtevo uporabite nov ključ. Ponovni poskus s tem ključem ne pomaga.";
    VersionMismatch "version_mismatch" 412 false
        en "Changed meanwhile", "It was changed since you read it; your change was not saved.", "Read it again, make your change on the new state and send its `ETag`. The same request again does not help.";
        sl "Vmes spremenjeno", "Od vašega branja je bilo spremenjeno; vaša sprememba ni shranjena.", "Preberite znova, spremembo naredite na novem stanju in pošljite njegov `ETag`. Ista zahteva ne pomaga.";
    PreconditionRequired "precondition_required" 428 false
        en "Version not given", "A change needs the version it is based on.", "Read it, and send its `ETag` as `If-Match`. Trying again without it does not help.";
        sl "Različica ni navedena", "Za spremembo je treba navesti različico, na kateri temelji.", "Preberite zapis in njegov `ETag` pošljite v glavi `If-Match`. Ponovni poskus brez nje ne pomaga.";
    FieldOfErp "field_of_erp" 409 false
        en "Not yours to change", "The edit changes fields that only the ERP changes, or only when a record is made.", "Take those fields out of the edit, or send them back as you were told them. Trying again does not help.";
        sl "Tega ne morete spremeniti", "Sprememba zadeva polja, ki jih spreminja samo ERP ali pa se določijo le ob nastanku zapisa.", "Ta polja izpustite ali jih pošljite take, kot ste jih prejeli. Ponovni poskus ne pomaga.";
    OneWay "one_way" 409 false
        en "Only read from the ERP", "Records of this type travel from the ERP to the CRM only.", "Have an administrator change the direction in the settings. Trying again does not help before that.";
        sl "Samo branje iz ERP", "Zapisi te vrste potujejo samo iz ERP v CRM.", "Skrbnik naj v nastavitvah spremeni smer. Do takrat ponovni poskus ne pomaga.";
    RecordDeleted "record_deleted" 409 false
        en "Record deleted", "The record is deleted or archived, so it cannot be edited.", "Take it back first: within 30 days it can be restored. Trying again does not help before that.";
        sl "Zapis je izbrisan", "Zapis je izbrisan ali arhiviran, zato ga ni mogoče urejati.", "Najprej ga obnovite: to je mogoče 30 dni. Do takrat ponovni poskus ne pomaga.";
    TakenApart "taken_apart" 409 false
        en "Taken apart", "The record of the CRM was deleted, and the ERP's record stands alone since.", "Link your id with the ERP's record (`POST /v1/contacts/{id}/link`), or put your record again and name the ERP's record with it. Trying again does not help.";
        sl "Zapisa sta ločena", "Zapis v CRM je bil izbrisan, zapis v ERP od takrat stoji sam.", "Svojo oznako povežite z zapisom v ERP (`POST /v1/contacts/{id}/link`) ali pa svoj zapis pošljite znova in ob njem navedite zapis v ERP. Ponovni poskus ne pomaga.";
    RestoreTooLate "restore_too_late" 409 false
        en "Too late to restore", "The record was deleted more than 30 days ago.", "Make a new record. Trying again does not help.";
        sl "Za obnovo je prepozno", "Zapis je bil izbrisan pred več kot 30 dnevi.", "Naredite nov zapis. Ponovni poskus ne pomaga.";
    RevisionTooOld "revision_too_old" 409 false
        en "Revision too old", "The edit is based on a revision that is too long ago to be compared.", "Read the record, make the edit on what it is now, and name its present revision. Trying again does not help.";
        sl "Različica je prestara", "Sprememba temelji na različici, ki je prestara za primerjavo.", "Preberite zapis, spremembo naredite na sedanjem stanju in navedite njegovo sedanjo različico. Ponovni poskus ne pomaga.";
    LinkTaken "link_taken" 409 false
        en "Linked already", "One of the two records is linked to another one already.", "Look at both records; take the other link apart first: a contact by `POST /v1/contacts/{id}/unlink`, another record by deleting the one of the CRM that has it. Trying again does not help.";
        sl "Povezava že obstaja", "Eden od zapisov je že povezan z drugim.", "Oglejte si oba zapisa; drugo povezavo najprej razdrite: pri stiku z `POST /v1/contacts/{id}/unlink`, pri drugih z izbrisom zapisa v CRM, ki jo ima. Ponovni poskus ne pomaga.";
    MadeByAction "made_by_action" 409 false
        en "Made by an action", "A new record of this type cannot be put: it is made by an action on the document that it is about.", "For a complaint, ask for the action `complaint` on its order: `POST /v1/documents/{id of the order}/actions`. To link one that Metakocka has, name it as `record`. Trying again does not help.";
        sl "Nastane z dejanjem", "Novega zapisa te vrste ni mogoče poslati: nastane z dejanjem na dokumentu, na katerega se nanaša.", "Za reklamacijo zahtevajte dejanje `complaint` na njenem naročilu: `POST /v1/documents/{id naročila}/actions`. Če jo Metakocka že ima, jo povežete z `record`. Ponovni poskus ne pomaga.";
    MergeCyclic "merge_cyclic" 409 false
        en "Merge in a circle", "The contact that is to stay leads to the one that is to go, so each would be the other.", "Read the contact that is to go: they are one already. To turn the direction round, take the earlier merge back first (`POST /v1/contacts/{id}/unmerge`). Trying again does not help.";
        sl "Združitev v krogu", "Stik, ki naj ostane, vodi v tistega, ki naj izgine; vsak bi bil drugi.", "Preberite stik, ki naj izgine: že sta eno. Če želite obrniti smer, prejšnjo združitev najprej razveljavite (`POST /v1/contacts/{id}/unmerge`). Ponovni poskus ne pomaga.";
    ContactMerged "contact_merged" 409 false
        en "Merged into another", "The contact went into another one; the error names it.", "Send the request for the one that it went into. Trying again does not help.";
        sl "Združen z drugim", "Stik je združen z drugim; napaka ga navaja.", "Zahtevo pošljite za stik, s katerim je združen. Ponovni poskus ne pomaga.";
    TwoPartners "two_partners" 409 false
        en "Two partners", "The two contacts are two different partners in the ERP, and its API cannot merge partners.", "Merge the two partners in the ERP, or unlink one of the contacts (`POST /v1/contacts/{id}/unlink`), then merge. Trying again does not help before that.";
        sl "Dva partnerja", "Stika sta v ERP dva različna partnerja, njegov API pa partnerjev ne zna združiti.", "Partnerja združite v ERP ali pa enega od stikov ločite (`POST /v1/contacts/{id}/unlink`) in združite nato. Pred tem ponovni poskus ne pomaga.";
    MergeTooDeep "merge_too_deep" 409 false
        en "Too many merges in a row", "The contact that is to go has taken in a chain of contacts that is as long as is followed.", "Merge the other way round: the one that has taken in the chain stays. Trying again does not help.";
        sl "Preveč zaporednih združitev", "Stik, ki naj izgine, je prevzel verigo stikov, ki je že tako dolga, kot ji še sledimo.", "Združite v obratni smeri: tisti, ki je prevzel verigo, naj ostane. Ponovni poskus ne pomaga.";
    NotMerged "not_merged" 409 false
        en "Not merged", "The contact did not go into another one.", "Read the contact; there is nothing to take back. Trying again does not help.";
        sl "Ni združen", "Stik ni združen z drugim.", "Preberite stik; razveljaviti ni česa. Ponovni poskus ne pomaga.";
    MergeBuiltOn "merge_built_on" 409 false
        en "Something was built on the merge", "The contact has changed since the merge, or what the merge added is in the ERP.", "Make the second contact anew, with the values that its history shows, and correct the first. Trying again does not help.";
        sl "Na združitvi že nekaj stoji", "Stik se je po združitvi spremenil ali pa je to, kar je združitev dodala, že v ERP.", "Drugi stik naredite znova z vrednostmi, ki jih kaže njegova zgodovina, in popravite prvega. Ponovni poskus ne pomaga.";
    NotLinked "not_linked" 409 false
        en "Not linked", "The contact has no record in the ERP.", "Read the contact; there is nothing to take apart. Trying again does not help.";
        sl "Ni povezan", "Stik v ERP nima zapisa.", "Preberite stik; ločiti ni česa. Ponovni poskus ne pomaga.";
    NoConflict "no_conflict" 409 false
        en "Nothing to settle", "The record has no open conflict about this piece.", "Read the record: somebody may have settled it. Trying again does not help.";
        sl "Ni česa razrešiti", "Zapis pri tem polju nima odprtega spora.", "Preberite zapis: morda ga je kdo že razrešil. Ponovni poskus ne pomaga.";
    NoCandidates "no_candidates" 409 false
        en "No such candidate waits", "The record does not wait for a word about candidates, or this partner is none of them.", "Read the record: somebody may have decided, or the candidates are others by now. Trying again does not help.";
        sl "Takega kandidata ni", "Zapis ne čaka na odločitev o kandidatih ali pa ta partner ni med njimi.", "Preberite zapis: morda je kdo že odločil ali pa so kandidati zdaj drugi. Ponovni poskus ne pomaga.";
    CandidatesMoved "candidates_moved" 409 false
        en "Other candidates by now", "The candidates are not the ones that you saw; nothing was decided.", "Look at the candidates as they are now and decide about those. Trying again does not help.";
        sl "Kandidati so zdaj drugi", "Kandidati niso tisti, ki ste jih videli; nič ni bilo odločeno.", "Oglejte si sedanje kandidate in odločite o njih. Ponovni poskus ne pomaga.";
    SameTaxNumber "same_tax_number" 409 false
        en "Same tax number", "One of the candidates has the tax number of this contact, so no second partner is made.", "Link the contact to that candidate, or correct the tax number on the wrong side. Trying again does not help.";
        sl "Enaka davčna številka", "Eden od kandidatov ima davčno številko tega stika, zato drugi partner ne nastane.", "Stik povežite s tem kandidatom ali popravite davčno številko na napačni strani. Ponovni poskus ne pomaga.";
    ReadOnly "read_only" 409 false
        en "The company is read-only", "Nothing is written on either side until a plan was approved.", "Make a plan, look at it and approve it. Trying again does not help before that.";
        sl "Podjetje je samo za branje", "Dokler načrt ni potrjen, se na nobeni strani nič ne zapiše.", "Naredite načrt, ga preglejte in potrdite. Do takrat ponovni poskus ne pomaga.";
    PlanMoved "plan_moved" 409 false
        en "The plan is no longer true", "Something moved since the plan was made, or another plan was approved.", "Make a new plan, look at it and approve that one. Trying again does not help.";
        sl "Načrt ne velja več", "Od izdelave načrta se je kaj spremenilo ali pa je potrjen drug načrt.", "Naredite nov načrt, ga preglejte in potrdite tega. Ponovni poskus ne pomaga.";
    ListMoved "list_moved" 409 false
        en "The list is no longer the same", "The list of deletions changed since it was shown.", "Look at the list again and approve it as it is now. Trying again does not help.";
        sl "Seznam ni več enak", "Seznam izbrisov se je od prikaza spremenil.", "Seznam si znova oglejte in potrdite sedanjega. Ponovni poskus ne pomaga.";
    RunTooLarge "run_too_large" 409 false
        en "Too much to take back at once", "The run made more than 2,000 changes.", "Settle what is wrong record by record, or correct it in the ERP and read again. Trying again does not help.";
        sl "Preveč za eno razveljavitev", "Opravilo je naredilo več kot 2.000 sprememb.", "Napake popravite pri posameznih zapisih ali pa v ERP in znova preberite. Ponovni poskus ne pomaga.";
    RunNotOver "run_not_over" 409 true
        en "The run is not over", "A run can be undone when it is over.", "Wait for its end and try again.";
        sl "Opravilo še traja", "Opravilo je mogoče razveljaviti, ko je končano.", "Počakajte na konec in poskusite znova.";
    Conflict "conflict" 409 true
        en "Changed at the same time", "Someone else changed the same thing at the same moment; nothing was saved.", "Read it again and repeat the change; that usually helps.";
        sl "Hkratna sprememba", "Nekdo drug je isto spremenil v istem trenutku; nič ni shranjeno.", "Preberite znova in spremembo ponovite; to običajno pomaga.";
    RunAlreadyOver "run_already_over" 409 false
        en "Run has ended", "The run has ended and cannot be changed any more.", "Start a new run if it is needed. Trying again does not help.";
        sl "Zagon je končan", "Zagon je končan in ga ni več mogoče spremeniti.", "Po potrebi začnite nov zagon. Ponovni poskus ne pomaga.";

    ActionNotAllowed "action_not_allowed" 409 false
        en "Not possible for this document", "The document's kind or its present status does not allow this action, or the status is not known.", "Read the document's actions again and choose one that is listed. Trying again does not help.";
        sl "Za ta dokument ni mogoče", "Vrsta dokumenta ali njegov sedanji status tega dejanja ne dovoljuje ali pa status ni znan.", "Znova preberite dejanja dokumenta in izberite eno od naštetih. Ponovni poskus ne pomaga.";
    AmountOverOpen "amount_over_open" 409 false
        en "More than what is open", "The amount is larger than what is open on the document, or than what was paid when money is given back.", "Correct the amount, or say `over` when it is meant. Trying again does not help.";
        sl "Več, kot je odprto", "Znesek presega odprti znesek dokumenta oziroma pri vračilu plačani znesek.", "Popravite znesek ali navedite `over`, če je tako mišljeno. Ponovni poskus ne pomaga.";
    ActionUnderWay "action_under_way" 409 false
        en "The same action is under way", "The same action with the same inputs was asked for before and is not over.", "Look at the action that is named. Ask again when it is over and one more is meant.";
        sl "Isto dejanje že poteka", "Isto dejanje z istimi podatki je bilo že zahtevano in še ni končano.", "Oglejte si navedeno dejanje. Ko bo končano, ga zahtevajte znova, če je mišljeno še eno.";
    DocumentMissing "document_missing" 409 false
        en "The ERP no longer has the document", "The document is deleted or the ERP no longer has it.", "Look for it in the ERP. Trying again does not help.";
        sl "ERP dokumenta nima več", "Dokument je izbrisan ali pa ga ERP nima več.", "Poiščite ga v ERP. Ponovni poskus ne pomaga.";
    BuyerOrderTaken "buyer_order_taken" 409 false
        en "The customer's order number is taken", "The ERP already has an order with this customer's order number; nothing was made.", "Look at that order, and ask with another number or with none. Trying again does not help.";
        sl "Številka naročila kupca je zasedena", "ERP že ima naročilo s to številko naročila kupca; nič ni bilo narejeno.", "Oglejte si to naročilo in zahtevo pošljite z drugo številko ali brez nje. Ponovni poskus ne pomaga.";
    NeverSent "never_sent" 409 false
        en "Not done for a day", "The ERP could not be reached for a day, so nothing was sent.", "Ask again if it is still meant.";
        sl "En dan ni bilo mogoče", "ERP en dan ni bil dosegljiv, zato ni bilo nič poslano.", "Če je dejanje še mišljeno, ga zahtevajte znova.";
    EffectUnknown "effect_unknown" 409 false
        en "Perhaps done", "The answer was lost, and the ERP did not say for a day whether the action was done.", "Look at the document in the ERP. Ask again only if it is not done.";
        sl "Morda narejeno", "Odgovor se je izgubil in ERP en dan ni povedal, ali je dejanje narejeno.", "Dokument si oglejte v ERP. Znova zahtevajte samo, če ni narejeno.";
    EffectAmbiguous "effect_ambiguous" 409 false
        en "Perhaps done, perhaps by somebody else", "The answer was lost, and what the document shows may be ours or somebody else's.", "Look at the document in the ERP. Ask again only if it is not done.";
        sl "Morda narejeno, morda od drugega", "Odgovor se je izgubil, kar dokument kaže, pa je lahko naše ali od koga drugega.", "Dokument si oglejte v ERP. Znova zahtevajte samo, če ni narejeno.";
    ChangedMeanwhile "changed_meanwhile" 409 false
        en "Somebody changed it meanwhile", "The answer was lost, and somebody changed the same thing since, so it was not sent again.", "Look at the document in the ERP, and ask again if it is still meant.";
        sl "Nekdo je vmes spremenil", "Odgovor se je izgubil, isto pa je vmes spremenil nekdo drug, zato ni bilo poslano znova.", "Dokument si oglejte v ERP in znova zahtevajte, če je še mišljeno.";
    DocumentGone "document_gone" 409 false
        en "The document is gone", "The answer was lost, and the document was deleted in the ERP since.", "Look into the ERP for what became of it. Trying again does not help.";
        sl "Dokumenta ni več", "Odgovor se je izgubil, dokument pa je bil vmes v ERP izbrisan.", "V ERP preverite, kaj se je z njim zgodilo. Ponovni poskus ne pomaga.";
    GivenUp "given_up" 409 false
        en "Sent three times, never done", "It was sent as often as it may be, and the ERP never did it.", "Look at the document in the ERP, and do it there or ask again.";
        sl "Trikrat poslano, nikoli narejeno", "Poslano je bilo tolikokrat, kot je dovoljeno, ERP pa tega ni naredil.", "Dokument si oglejte v ERP in naredite tam ali zahtevajte znova.";

    // Webhooks
    SignatureInvalid "signature_invalid" 401 false
        en "Signature not valid", "The webhook's signature does not match its body, or its user and password are wrong.", "Enter the client secret and, if used, the user and password in Metakocka exactly as the console shows. The same request again does not help.";
        sl "Podpis ni veljaven", "Podpis klica se ne ujema z vsebino ali pa sta uporabnik in geslo napačna.", "V Metakocko vnesite skrivnost odjemalca ter po potrebi uporabnika in geslo natanko tako, kot ju kaže konzola. Ista zahteva ne pomaga.";
    EndpointUnknown "endpoint_unknown" 404 false
        en "Unknown webhook address", "No connection has this webhook address.", "Copy the address from the console into Metakocka once more. Trying again does not help.";
        sl "Neznan naslov za klice", "Nobena povezava nima tega naslova.", "Naslov še enkrat prenesite iz konzole v Metakocko. Ponovni poskus ne pomaga.";

    // The connection to the ERP
    ConnectionMissing "connection_missing" 409 false
        en "Not connected", "This tenant has no connection to Metakocka yet.", "Have an administrator connect the company first. Trying again before that does not help.";
        sl "Ni povezave", "Ta najemnik še nima povezave z Metakocko.", "Skrbnik naj najprej poveže podjetje. Ponovni poskus pred tem ne pomaga.";
    ConnectionPaused "connection_paused" 409 false
        en "Connection paused", "The connection is paused until a person acts.", "See the reason on the connection's page and resume it there. Trying again before that does not help.";
        sl "Povezava je ustavljena", "Povezava je ustavljena, dokler nekdo ne ukrepa.", "Razlog in nadaljevanje sta na strani povezave. Ponovni poskus pred tem ne pomaga.";
    CredentialsInvalid "credentials_invalid" 422 false
        en "Credentials refused", "Metakocka does not accept the company id and secret key.", "Copy the company id and the secret key from Metakocka (Settings, API) once more. Trying again without a change does not help.";
        sl "Podatki za dostop so zavrnjeni", "Metakocka ne sprejme oznake podjetja in skrivnega ključa.", "Iz Metakocke (Nastavitve, API) še enkrat prenesite oznako podjetja in skrivni ključ. Ponovni poskus brez spremembe ne pomaga.";
    ErpIpDenied "erp_ip_denied" 422 false
        en "Address not allowed by Metakocka", "Metakocka refuses calls from our network address.", "Add our addresses to the allowed ones in Metakocka, or remove the restriction. Trying again before that does not help.";
        sl "Metakocka ne dovoli našega naslova", "Metakocka zavrača klice z našega omrežnega naslova.", "V Metakocki med dovoljene dodajte naše naslove ali odstranite omejitev. Ponovni poskus pred tem ne pomaga.";
    ErpUnreachable "erp_unreachable" 502 true
        en "Metakocka cannot be reached", "No connection to Metakocka could be made, or no answer came in time.", "Check the host of the connection if this lasts. Trying again later helps when the network is back.";
        sl "Metakocka ni dosegljiva", "Povezave z Metakocko ni bilo mogoče vzpostaviti ali pa odgovora ni bilo pravočasno.", "Če traja dlje, preverite gostitelja povezave. Poznejši ponovni poskus pomaga, ko omrežje spet deluje.";
    ErpUnavailable "erp_unavailable" 503 true
        en "Metakocka is not available", "Metakocka answered with a page instead of data: it is under maintenance or overloaded.", "Wait some minutes. Trying again then helps; scheduled runs do so by themselves.";
        sl "Metakocka trenutno ne deluje", "Metakocka je namesto podatkov vrnila spletno stran: poteka vzdrževanje ali je preobremenjena.", "Počakajte nekaj minut. Potem ponovni poskus pomaga; načrtovani zagoni to storijo sami.";
    ErpMisconfigured "erp_misconfigured" 422 false
        en "Company set-up incomplete", "Metakocka cannot do this for the company as it is set up.", "Correct the company's settings in Metakocka, or ask its support. Trying again before that does not help.";
        sl "Podjetje ni v celoti nastavljeno", "Metakocka tega za podjetje s trenutnimi nastavitvami ne more narediti.", "Popravite nastavitve podjetja v Metakocki ali vprašajte njihovo podporo. Ponovni poskus pred tem ne pomaga.";
    ErpQuota "erp_quota" 503 true
        en "Metakocka quota used up", "Metakocka takes no more calls from this company for now.", "Wait, and let fewer programs call Metakocka at once. Trying again later helps.";
        sl "Kvota Metakocke je porabljena", "Metakocka od tega podjetja trenutno ne sprejema več klicev.", "Počakajte in zmanjšajte število programov, ki hkrati kličejo Metakocko. Poznejši ponovni poskus pomaga.";
    ErpPaused "erp_paused" 503 true
        en "Metakocka is left alone for a moment", "Metakocka did not answer lately, so it is not called before the time in `Retry-After`.", "Wait for that long. Trying again then helps; scheduled runs do so by themselves.";
        sl "Metakocko za trenutek pustimo pri miru", "Metakocka nazadnje ni odgovarjala, zato je do časa v `Retry-After` ne kličemo.", "Počakajte toliko časa. Potem ponovni poskus pomaga; načrtovani zagoni to storijo sami.";
    ErpMalformed "erp_malformed" 502 true
        en "Answer of Metakocka not understood", "Metakocka's answer was cut off or is not of the form it must have; nothing was changed by it.", "Try again later; if it stays, report it with the trace id.";
        sl "Odgovor Metakocke ni razumljiv", "Odgovor Metakocke je bil odrezan ali nima prave oblike; zaradi njega ni nič spremenjeno.", "Poskusite pozneje; če se ponavlja, nam sporočite oznako sledi.";
    ErpRefused "erp_refused" 422 false
        en "Refused by Metakocka", "Metakocka understood the call and refused it.", "Correct what Metakocka names as the reason. Trying again without a change does not help.";
        sl "Metakocka je zahtevo zavrnila", "Metakocka je klic razumela in ga zavrnila.", "Popravite, kar Metakocka navaja kot razlog. Ponovni poskus brez spremembe ne pomaga.";
    ErpRequestInvalid "erp_request_invalid" 502 false
        en "Request not accepted by Metakocka", "Metakocka says that the request lacks something or is of the wrong form.", "Correct what Metakocka names; if nobody entered it, report it with the trace id. Trying again without a change does not help.";
        sl "Metakocka zahteve ne sprejme", "Metakocka pravi, da zahtevi nekaj manjka ali da nima prave oblike.", "Popravite, kar Metakocka navaja; če tega ni nihče vnesel, nam sporočite oznako sledi. Ponovni poskus brez spremembe ne pomaga.";
    ErpNotFound "erp_not_found" 502 false
        en "Not found in Metakocka", "What the request names is not in Metakocka, or not in this company.", "Check in Metakocka whether it was deleted or merged. Trying again does not help.";
        sl "V Metakocki ni najdeno", "Tega, kar zahteva navaja, v Metakocki ali v tem podjetju ni.", "V Metakocki preverite, ali je bilo izbrisano ali združeno. Ponovni poskus ne pomaga.";
    ErpDuplicate "erp_duplicate" 409 false
        en "Already in Metakocka", "Metakocka has a document with this customer order number.", "Use the document that is there, or another order number. Trying again does not help.";
        sl "V Metakocki že obstaja", "Metakocka že ima dokument s to številko naročila kupca.", "Uporabite obstoječi dokument ali drugo številko naročila. Ponovni poskus ne pomaga.";
    ErpFailed "erp_failed" 502 true
        en "Metakocka failed", "Metakocka reports an error of its own.", "Try again later; if it stays, tell Metakocka's support the time and the call.";
        sl "Napaka v Metakocki", "Metakocka javlja notranjo napako.", "Poskusite pozneje; če se ponavlja, njihovi podpori sporočite čas in klic.";
    ErpInconsistent "erp_inconsistent" 502 true
        en "Metakocka's answer contradicts itself", "The answer's counts and rows do not agree, so nothing of it was used.", "Trying again usually helps: records change while Metakocka counts them.";
        sl "Odgovor Metakocke si nasprotuje", "Števila in vrstice v odgovoru se ne ujemajo, zato ni nič uporabljeno.", "Ponovni poskus običajno pomaga: zapisi se spreminjajo, medtem ko jih Metakocka šteje.";
    ErpTooLarge "erp_too_large" 502 false
        en "Metakocka's answer is too large", "The answer is larger than any that is expected; it was not read to its end.", "Report it with the trace id. Trying again does not help.";
        sl "Odgovor Metakocke je prevelik", "Odgovor je večji od vseh pričakovanih, zato ni bil prebran do konca.", "Sporočite nam oznako sledi. Ponovni poskus ne pomaga.";
    ErpRecordUnusable "erp_record_unusable" 502 false
        en "Record of Metakocka not usable", "A record from Metakocka has a value that cannot be right.", "Correct the named value in Metakocka; the next run reads it again.";
        sl "Zapis iz Metakocke ni uporaben", "Zapis iz Metakocke ima vrednost, ki ne more biti prava.", "Navedeno vrednost popravite v Metakocki; naslednji zagon zapis znova prebere.";
    ManyMissing "many_missing" 409 false
        en "Too many records missing at once", "Metakocka no longer shows so many records that it is probably a mistake; nothing was flagged.", "Look in Metakocka whether they were really deleted, and whether the key still opens the right company.";
        sl "Naenkrat manjka preveč zapisov", "Metakocka ne kaže več toliko zapisov, da gre verjetno za napako; nič ni označeno.", "V Metakocki preverite, ali so bili res izbrisani in ali ključ še odpira pravo podjetje.";
    MovingSet "moving_set" 503 true
        en "Records change too fast", "Orders changed faster than they could be read.", "The next run tries again by itself.";
        sl "Zapisi se prehitro spreminjajo", "Naročila so se spreminjala hitreje, kot jih je bilo mogoče prebrati.", "Naslednji zagon poskusi znova sam.";
    PageIncomplete "page_incomplete" 502 true
        en "Page cut short", "Metakocka sent fewer rows than it counted, several times; nothing of it was used.", "The next run tries again by itself; if it stays, tell Metakocka's support.";
        sl "Stran je okrnjena", "Metakocka je večkrat poslala manj vrstic, kot jih je naštela; nič od tega ni uporabljeno.", "Naslednji zagon poskusi znova sam; če se ponavlja, obvestite njihovo podporo.";
    PageWithoutTotal "page_without_total" 502 true
        en "Page without a total", "Metakocka sent a page without saying how many records there are; it was not used.", "The next run tries again by itself; if it stays, tell Metakocka's support.";
        sl "Stran brez skupnega števila", "Metakocka je poslala stran, ne da bi povedala, koliko zapisov je; ni bila uporabljena.", "Naslednji zagon poskusi znova sam; če se ponavlja, obvestite njihovo podporo.";
    CompanyFixed "company_fixed" 409 false
        en "Another company", "The connection is to another company of Metakocka, and that never changes: the records that are here belong to it.", "Connect the other company as a tenant of its own. Trying again does not help.";
        sl "Drugo podjetje", "Povezava je z drugim podjetjem v Metakocki in se ne spreminja: zapisi, ki so tu, pripadajo njemu.", "Drugo podjetje povežite kot svojega najemnika. Ponovni poskus ne pomaga.";
    HostNotAllowed "host_not_allowed" 422 false
        en "Host not allowed", "The host is not one of Metakocka's hosts that this installation may call.", "Enter the host from Metakocka's own documentation, or have the operator allow it. Trying again does not help.";
        sl "Gostitelj ni dovoljen", "Gostitelj ni med Metakockinimi gostitelji, ki jih ta namestitev sme klicati.", "Vnesite gostitelja iz Metakockine dokumentacije ali prosite upravljavca, da ga dovoli. Ponovni poskus ne pomaga.";

    // Files
    FileEmpty "file_empty" 422 false
        en "Empty file", "The file has no bytes.", "Send or attach it again with its content. Trying again does not help.";
        sl "Prazna datoteka", "Datoteka nima vsebine.", "Pošljite ali pripnite jo znova z vsebino. Ponovni poskus ne pomaga.";
    FileTooLarge "file_too_large" 422 false
        en "File too large", "The file is larger than is taken; it was not kept.", "Make it smaller or split it. Trying again does not help.";
        sl "Prevelika datoteka", "Datoteka je večja od dovoljene, zato ni shranjena.", "Zmanjšajte jo ali razdelite. Ponovni poskus ne pomaga.";
    FileTypeRefused "file_type_refused" 422 false
        en "Type of file not taken", "The file is not a PDF, a picture, an office document, a text, XML, a mail or a zip, or its content is not what it says.", "Attach it in one of these types. Trying again does not help.";
        sl "Vrsta datoteke ni dovoljena", "Datoteka ni PDF, slika, pisarniški dokument, besedilo, XML, sporočilo ali zip oziroma njena vsebina ni to, za kar se izdaja.", "Pripnite jo v eni od teh vrst. Ponovni poskus ne pomaga.";
    FileAddressRefused "file_address_refused" 422 false
        en "File's address not allowed", "The address of the file is not a public https address that leads straight to it, so nobody went there.", "Attach the file itself in Metakocka instead of its address. Trying again does not help.";
        sl "Naslov datoteke ni dovoljen", "Naslov datoteke ni javni naslov https, ki bi vodil neposredno do nje, zato ga nihče ni obiskal.", "V Metakocki pripnite datoteko namesto naslova. Ponovni poskus ne pomaga.";
    FileGone "file_gone" 422 false
        en "File no longer there", "The address of the file leads to no file any more.", "Look at the document's files again: Metakocka may give a new address.";
        sl "Datoteke ni več", "Naslov datoteke ne vodi več do nje.", "Znova preverite datoteke dokumenta: Metakocka morda da nov naslov.";
    FileTooMany "file_too_many" 422 false
        en "Too many files", "The document has more files than are looked at; the first ones are here.", "Look at the others in Metakocka. Trying again does not help.";
        sl "Preveč datotek", "Dokument ima več datotek, kot jih pregledamo; prve so tu.", "Druge si oglejte v Metakocki. Ponovni poskus ne pomaga.";
    FileUnavailable "file_unavailable" 503 true
        en "File cannot be fetched now", "The server that has the file did not answer as it should.", "Try again in a few minutes; that usually helps.";
        sl "Datoteke trenutno ni mogoče dobiti", "Strežnik, na katerem je datoteka, ni odgovoril, kot bi moral.", "Poskusite znova čez nekaj minut; to običajno pomaga.";
    ReportNotAvailable "report_not_available" 409 false
        en "No printed form", "Metakocka prints no such document, or what it sent is no PDF.", "Check the report's number in the settings, and whether the document is issued in Metakocka.";
        sl "Izpisa ni", "Metakocka takega dokumenta ne izpiše ali pa poslano ni PDF.", "Preverite številko izpisa v nastavitvah in ali je dokument v Metakocki izdan.";
    ProofNotAvailable "proof_not_available" 409 false
        en "No proof of delivery", "The order has no tracking number or no number of the customer, or the carrier has given no proof yet.", "Check both numbers on the order in Metakocka; after the delivery ask again.";
        sl "Dokazila o dostavi ni", "Naročilo nima sledilne številke ali številke kupca oziroma prevoznik dokazila še ni poslal.", "V Metakocki preverite obe številki na naročilu; po dostavi poskusite znova.";

    // Events
    EndpointAddressRefused "endpoint_address_refused" 422 false
        en "Endpoint's address not allowed", "Events are sent to https addresses of names of the public internet alone, without a port, a user or a part behind #.", "Give the endpoint such an address. Trying again does not help.";
        sl "Naslov prejemnika ni dovoljen", "Dogodki se pošiljajo le na naslove https z javnim imenom, brez vrat, uporabnika ali dela za znakom #.", "Prejemniku dajte tak naslov. Ponovni poskus ne pomaga.";
    EndpointSecretMissing "endpoint_secret_missing" 409 false
        en "Endpoint's secret is missing", "The secret that the endpoint's events are signed with is not there, so nothing is sent to it; what changes is kept.", "Rotate its secret; then what waits is sent.";
        sl "Skrivnost prejemnika manjka", "Skrivnosti, s katero se podpisujejo dogodki za prejemnika, ni, zato se mu nič ne pošilja; spremembe se hranijo.", "Zamenjajte mu skrivnost; nato se pošlje, kar čaka.";
    TooManyEndpoints "too_many_endpoints" 409 false
        en "Too many endpoints", "The company has ten endpoints, and no more are taken.", "Remove one that is no longer used. Trying again does not help.";
        sl "Preveč prejemnikov", "Podjetje ima deset prejemnikov dogodkov, več jih ni dovoljenih.", "Odstranite takega, ki ni več v uporabi. Ponovni poskus ne pomaga.";

    // This service
    FeedTooOld "feed_too_old" 410 false
        en "Cursor no longer served", "The cursor of the feed is too old, or the feed was set back behind it, so what comes after it cannot be told whole.", "Take the cursor of a first part of the feed, read all your records anew from the lists, then go on from that cursor.";
        sl "Kazalec ni več veljaven", "Kazalec toka sprememb je prestar ali pa je bil tok vrnjen pred njega, zato se nadaljevanje ne more povedati v celoti.", "Vzemite kazalec prvega dela toka, vse zapise preberite znova s seznamov, potem nadaljujte od tega kazalca.";
    TooManyKeys "too_many_keys" 409 false
        en "Too many keys", "There are 20 keys already.", "Take one away that is not used any more, then send the request again.";
        sl "Preveč ključev", "Ključev je že 20.", "Odstranite takega, ki ga ne uporabljate več, potem zahtevo pošljite znova.";
    Busy "busy" 503 true
        en "Busy", "A service that we need does not answer at the moment; nothing was lost.", "Send the same request again in a few seconds; that usually helps.";
        sl "Zasedeno", "Storitev, ki jo potrebujemo, trenutno ne odgovarja; nič ni izgubljeno.", "Isto zahtevo pošljite znova čez nekaj sekund; to običajno pomaga.";
    Throttled "throttled" 429 true
        en "Too many requests", "More requests came than this address takes at a time.", "Wait as long as `Retry-After` says, then trying again helps.";
        sl "Preveč zahtev", "Prišlo je več zahtev, kot jih ta naslov sprejme naenkrat.", "Počakajte, kolikor pravi `Retry-After`, potem ponovni poskus pomaga.";
    Internal "internal" 500 false
        en "Our mistake", "Something went wrong on our side and was recorded.", "Report the trace id to support. Trying again may not help.";
        sl "Naša napaka", "Na naši strani je šlo nekaj narobe, napaka je zabeležena.", "Podpori sporočite oznako sledi. Ponovni poskus morda ne bo pomagal.";
}
