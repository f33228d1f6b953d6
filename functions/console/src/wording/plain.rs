//! Refusals in the words of somebody who looks at a page, where the catalogue speaks to those who call the API.

use runtime::Code;

use super::Phrases;

impl Phrases {
    /// What happened, in a few words and in a sentence, and what to do; `None` where the catalogue says it well.
    pub(crate) const fn plainly(self, code: Code) -> Option<[&'static str; 3]> {
        Some(match code {
            Code::VersionMismatch => [
                self.say("Changed meanwhile", "Vmes spremenjeno"),
                self.say(
                    "Somebody changed it after you opened the page; your change was not saved.",
                    "Nekdo je to spremenil, potem ko ste odprli stran; vaša sprememba ni shranjena.",
                ),
                self.say(
                    "Open the page again and make your change on what it shows now.",
                    "Stran odprite znova in spremembo naredite na tem, kar kaže zdaj.",
                ),
            ],
            Code::MethodNotAllowed => [
                self.say("This address shows nothing", "Na tem naslovu ni strani"),
                self.say("Only a button of the console leads here.", "Sem vodijo samo gumbi konzole."),
                self.say("Begin again from the menu.", "Začnite znova iz menija."),
            ],
            Code::InvalidRequest => [
                self.say("The form was not understood", "Obrazec ni razumljiv"),
                self.say(
                    "Something in the form or in the address is missing or of the wrong form; nothing was done.",
                    "V obrazcu ali naslovu nekaj manjka ali nima prave oblike; nič ni narejeno.",
                ),
                self.say(
                    "Open the page again and fill in the form anew.",
                    "Stran odprite znova in obrazec znova izpolnite.",
                ),
            ],
            Code::RevisionTooOld => [
                self.say("The page is too old", "Stran je prestara"),
                self.say(
                    "The record has changed too often since you opened the page; nothing was saved.",
                    "Zapis se je od odprtja strani prevečkrat spremenil; nič ni shranjeno.",
                ),
                self.say("Open the page again and repeat the change.", "Stran odprite znova in spremembo ponovite."),
            ],
            Code::LinkTaken => [
                self.say("Linked already", "Povezava že obstaja"),
                self.say("One of the two records is linked to another one.", "Eden od zapisov je že povezan z drugim."),
                self.say(
                    "Look at both records and take the other link apart first.",
                    "Oglejte si oba zapisa in drugo povezavo najprej razdrite.",
                ),
            ],
            Code::TakenApart => [
                self.say("Taken apart", "Zapisa sta ločena"),
                self.say(
                    "The record of the CRM was deleted, and Metakocka's record stands alone since.",
                    "Zapis v CRM je bil izbrisan, zapis v Metakocki od takrat stoji sam.",
                ),
                self.say(
                    "Link the contact with the partner on its page.",
                    "Stik povežite s partnerjem na njegovi strani.",
                ),
            ],
            Code::ErpPaused => [
                self.say("Metakocka is left alone for a moment", "Metakocko za trenutek pustimo pri miru"),
                self.say(
                    "Metakocka did not answer lately, so it is not asked for a few minutes.",
                    "Metakocka nazadnje ni odgovarjala, zato je nekaj minut ne sprašujemo.",
                ),
                self.say("Wait a few minutes, then try again.", "Počakajte nekaj minut, nato poskusite znova."),
            ],
            _ => return None,
        })
    }
}
