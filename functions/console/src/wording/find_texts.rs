//! The texts of the page on which a record is found.

use super::pairs::texts;

texts! { /// What the page for finding says, in one language.
FindTexts {
    title: "Find", "Najdi";
    lead: "Every record has an id in Metakocka, and those that the CRM knows have one there too. The documents of a customer stand on the customer's page.", "Vsak zapis ima oznako v Metakocki, tisti, ki jih pozna CRM, pa tudi tam. Dokumenti kupca so na kupčevi strani.";
    id: "Id in the CRM or in Metakocka", "Oznaka v CRM ali v Metakocki";
    find: "Find it", "Poišči";
    none: "No record has this id.", "Noben zapis nima te oznake.";
    several: "Several records have this id", "To oznako ima več zapisov";
    too_long: "An id has at most 200 characters.", "Oznaka ima največ 200 znakov.";
} }
