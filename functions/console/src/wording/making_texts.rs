//! The texts about what a work order makes.

use super::pairs::texts;

texts! { /// What the page of a work order says of its rows, in one language.
MakingTexts {
    title: "Materials and work", "Material in delo";
    lead: "As Metakocka plans and reports it. It is changed there.", "Kot je načrtovano in porabljeno v Metakocki. Tam se tudi spreminja.";
    what: "What", "Kaj";
    role: "Is", "Vrsta";
    planned: "Planned", "Načrtovano";
    done: "Done", "Opravljeno";
    cost: "Cost of one", "Strošek na enoto";
    product: "Product", "Izdelek";
    material: "Materials", "Material";
    work: "Work", "Delo";
} }
