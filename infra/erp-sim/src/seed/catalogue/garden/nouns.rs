//! The products of the shelves of tools, garden and workshop material, with their price ranges.

use crate::seed::catalogue::{Noun, noun};

pub(super) const VRTNO_ORODJE: &[Noun] = &[
    noun("Škarje za živo mejo", "Hedge shears", "Heckenschere", 1890, 5490),
    noun("Lopata", "Spade", "Spaten", 1290, 3990),
    noun("Grablje", "Rake", "Rechen", 890, 2790),
    noun("Motika", "Hoe", "Hacke", 990, 2490),
    noun("Samokolnica", "Wheelbarrow", "Schubkarre", 4990, 12900),
    noun("Vrtnarske škarje", "Secateurs", "Gartenschere", 790, 4590),
];
pub(super) const ZALIVANJE: &[Noun] = &[
    noun("Vrtna cev", "Garden hose", "Gartenschlauch", 1490, 6990),
    noun("Razpršilnik", "Sprinkler", "Regner", 590, 2990),
    noun("Hitra spojka", "Quick connector", "Schnellkupplung", 145, 690),
    noun("Zalivalka", "Watering can", "Gießkanne", 490, 1990),
    noun("Črpalka za deževnico", "Rainwater pump", "Regenwasserpumpe", 5990, 18900),
];
pub(super) const SEMENA: &[Noun] = &[
    noun("Gnojilo", "Fertiliser", "Dünger", 120, 690),
    noun("Substrat", "Potting soil", "Blumenerde", 38, 190),
    noun("Travno seme", "Grass seed", "Rasensamen", 480, 1290),
    noun("Čebulček", "Onion sets", "Steckzwiebeln", 240, 590),
    noun("Krompir semenski", "Seed potatoes", "Saatkartoffeln", 90, 260),
];
pub(super) const KOSILNICE: &[Noun] = &[
    noun("Kosilnica", "Lawn mower", "Rasenmäher", 14900, 64900),
    noun("Nitna kosilnica", "String trimmer", "Freischneider", 7900, 38900),
    noun("Škarje za travo", "Grass shears", "Grasschere", 4900, 11900),
    noun("Puhalnik listja", "Leaf blower", "Laubbläser", 6900, 29900),
];
pub(super) const KLJUCI: &[Noun] = &[
    noun("Viličasti ključ", "Open-end wrench", "Gabelschlüssel", 290, 1890),
    noun("Obročni ključ", "Ring spanner", "Ringschlüssel", 340, 2290),
    noun("Komplet nasadnih ključev", "Socket set", "Steckschlüsselsatz", 2990, 16900),
    noun("Momentni ključ", "Torque wrench", "Drehmomentschlüssel", 4490, 21900),
    noun("Imbus ključ", "Hex key", "Inbusschlüssel", 95, 790),
];
pub(super) const KLESCE: &[Noun] = &[
    noun("Kombinirane klešče", "Combination pliers", "Kombizange", 890, 3990),
    noun("Klešče ščipalke", "Side cutters", "Seitenschneider", 790, 3490),
    noun("Izvijač križni", "Phillips screwdriver", "Kreuzschraubendreher", 240, 1290),
    noun("Izvijač ploščati", "Slotted screwdriver", "Schlitzschraubendreher", 210, 1190),
    noun("Kladivo", "Hammer", "Hammer", 790, 3290),
];
pub(super) const MERILA: &[Noun] = &[
    noun("Tračni meter", "Tape measure", "Bandmaß", 390, 1990),
    noun("Vodna tehtnica", "Spirit level", "Wasserwaage", 990, 5990),
    noun("Kljunasto merilo", "Caliper", "Messschieber", 1490, 7990),
    noun("Laserski merilnik", "Laser meter", "Laser-Entfernungsmesser", 3990, 24900),
];
pub(super) const VRTALNIKI: &[Noun] = &[
    noun("Vrtalnik vijačnik", "Drill driver", "Bohrschrauber", 6990, 28900),
    noun("Udarni vrtalnik", "Impact drill", "Schlagbohrmaschine", 5990, 23900),
    noun("Vrtalno kladivo", "Rotary hammer", "Bohrhammer", 11900, 49900),
    noun("Udarni vijačnik", "Impact wrench", "Schlagschrauber", 8990, 35900),
];
pub(super) const ZAGE: &[Noun] = &[
    noun("Kotni brusilnik", "Angle grinder", "Winkelschleifer", 4990, 21900),
    noun("Ekscentrični brusilnik", "Orbital sander", "Exzenterschleifer", 5490, 26900),
    noun("Krožna žaga", "Circular saw", "Kreissäge", 7990, 33900),
    noun("Vbodna žaga", "Jigsaw", "Stichsäge", 5990, 24900),
    noun("Verižna žaga", "Chainsaw", "Kettensäge", 12900, 69900),
];
pub(super) const VIJAKI: &[Noun] = &[
    noun("Vijak za les", "Wood screw", "Holzschraube", 420, 1290),
    noun("Vijak s šestrobo glavo", "Hex bolt", "Sechskantschraube", 380, 1490),
    noun("Matica", "Nut", "Mutter", 390, 1190),
    noun("Podložka", "Washer", "Unterlegscheibe", 340, 990),
    noun("Žebelj", "Nail", "Nagel", 210, 490),
];
pub(super) const LEPILA: &[Noun] = &[
    noun("Silikon sanitarni", "Sanitary silicone", "Sanitärsilikon", 690, 2190),
    noun("Lepilo za les", "Wood glue", "Holzleim", 590, 1890),
    noun("Akrilno tesnilo", "Acrylic sealant", "Acryldichtstoff", 390, 1290),
    noun("Razredčilo", "Thinner", "Verdünnung", 290, 890),
];
pub(super) const KABLI: &[Noun] = &[
    noun("Kabel PPY", "Installation cable", "Installationskabel", 78, 390),
    noun("Gumijasti kabel", "Rubber cable", "Gummikabel", 120, 540),
    noun("Instalacijska cev", "Conduit", "Installationsrohr", 36, 165),
    noun("PE cev", "PE pipe", "PE-Rohr", 58, 290),
];
pub(super) const ZASCITA: &[Noun] = &[
    noun("Delovne rokavice", "Work gloves", "Arbeitshandschuhe", 120, 1890),
    noun("Zaščitni čevlji S3", "Safety shoes S3", "Sicherheitsschuhe S3", 3990, 12900),
    noun("Zaščitna očala", "Safety glasses", "Schutzbrille", 290, 1990),
    noun("Čelada", "Helmet", "Schutzhelm", 690, 3490),
    noun("Delovne hlače", "Work trousers", "Arbeitshose", 2490, 7990),
];
pub(super) const STORITVE: &[Noun] = &[
    noun("Servis električnega orodja", "Power tool service", "Wartung", 2400, 3900),
    noun("Brušenje rezil", "Blade sharpening", "Schleifen", 1200, 2600),
    noun("Montaža", "Assembly", "Montage", 2800, 4500),
    noun("Dostava", "Delivery", "Lieferung", 390, 2900),
];
