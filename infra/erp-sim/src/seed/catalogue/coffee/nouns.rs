//! The products of the shelves of coffee and food, with their price ranges.

use crate::seed::catalogue::{Noun, noun};

pub(super) const ZRNJE: &[Noun] = &[
    noun("Kava v zrnju", "Coffee beans", "Kaffeebohnen", 1690, 3490),
    noun("Espresso mešanica", "Espresso blend", "Espressomischung", 1490, 2990),
    noun("Surova kava", "Green coffee", "Rohkaffee", 890, 1690),
    noun("Brezkofeinska kava", "Decaf coffee", "Kaffee entkoffeiniert", 1990, 3290),
];
pub(super) const MLETA: &[Noun] = &[
    noun("Mleta kava", "Ground coffee", "Gemahlener Kaffee", 240, 990),
    noun("Turška kava", "Turkish coffee", "Türkischer Kaffee", 220, 890),
    noun("Filter kava", "Filter coffee", "Filterkaffee", 290, 1090),
];
pub(super) const KAPSULE: &[Noun] = &[
    noun("Kapsule espresso", "Espresso capsules", "Espressokapseln", 290, 1690),
    noun("Kapsule lungo", "Lungo capsules", "Lungokapseln", 290, 1690),
    noun("Kapsule čaj", "Tea capsules", "Teekapseln", 310, 1590),
];
pub(super) const CAJI: &[Noun] = &[
    noun("Zeleni čaj", "Green tea", "Grüner Tee", 290, 1190),
    noun("Šipkov čaj", "Rosehip tea", "Hagebuttentee", 190, 690),
    noun("Planinski čaj", "Mountain tea", "Bergtee", 240, 890),
    noun("Kamilični čaj", "Chamomile tea", "Kamillentee", 180, 690),
    noun("Črni čaj", "Black tea", "Schwarzer Tee", 260, 1090),
];
pub(super) const SIRUPI: &[Noun] = &[
    noun("Bezgov sirup", "Elderflower syrup", "Holundersirup", 490, 990),
    noun("Malinov sirup", "Raspberry syrup", "Himbeersirup", 520, 1090),
    noun("Karamelni sirup", "Caramel syrup", "Karamellsirup", 790, 1390),
    noun("Vroča čokolada", "Hot chocolate", "Heiße Schokolade", 690, 1290),
];
pub(super) const DARILA: &[Noun] = &[
    noun("Darilni paket Kava in čokolada", "Gift box coffee and chocolate", "Geschenkbox", 1990, 5990),
    noun("Darilni paket Slovenski okusi", "Gift box Slovenian flavours", "Geschenkkorb", 2490, 8990),
    noun("Novoletni paket", "New Year gift box", "Neujahrspaket", 1790, 9990),
    noun("Pokušina kav", "Coffee tasting set", "Kaffeeprobierset", 1290, 3490),
];
pub(super) const COKOLADA: &[Noun] = &[
    noun("Čokolada", "Chocolate", "Schokolade", 190, 690),
    noun("Praline", "Pralines", "Pralinen", 590, 2490),
    noun("Čokoladna kavna zrna", "Chocolate coffee beans", "Schoko-Kaffeebohnen", 290, 790),
];
pub(super) const MED: &[Noun] = &[
    noun("Cvetlični med", "Flower honey", "Blütenhonig", 590, 1490),
    noun("Kostanjev med", "Chestnut honey", "Kastanienhonig", 690, 1690),
    noun("Marelična marmelada", "Apricot jam", "Marillenmarmelade", 290, 890),
    noun("Figova marmelada", "Fig jam", "Feigenmarmelade", 340, 990),
];
pub(super) const OLJA: &[Noun] = &[
    noun("Oljčno olje", "Olive oil", "Olivenöl", 990, 2890),
    noun("Bučno olje", "Pumpkin seed oil", "Kürbiskernöl", 1290, 2490),
    noun("Jabolčni kis", "Apple cider vinegar", "Apfelessig", 190, 590),
];
pub(super) const SKODELICE: &[Noun] = &[
    noun("Skodelica za espresso", "Espresso cup", "Espressotasse", 240, 990),
    noun("Skodelica za cappuccino", "Cappuccino cup", "Cappuccinotasse", 290, 1190),
    noun("Kozarec za latte", "Latte glass", "Latteglas", 260, 890),
    noun("Krožniček", "Saucer", "Untertasse", 120, 490),
];
pub(super) const APARATI: &[Noun] = &[
    noun("Kavni mlin", "Coffee grinder", "Kaffeemühle", 7900, 89000),
    noun("Espresso aparat", "Espresso machine", "Espressomaschine", 24900, 389_000),
    noun("Grelnik vode", "Kettle", "Wasserkocher", 2900, 11900),
    noun("Tehtnica za kavo", "Coffee scale", "Kaffeewaage", 1900, 8900),
];
pub(super) const POTROSNI: &[Noun] = &[
    noun("Papirnati filtri", "Paper filters", "Papierfilter", 240, 1290),
    noun("Lončki za s seboj", "Take-away cups", "To-go-Becher", 390, 5900),
    noun("Čistilo za aparate", "Machine cleaner", "Maschinenreiniger", 690, 2490),
    noun("Sladkorne vrečke", "Sugar sachets", "Zuckertütchen", 190, 1490),
];
pub(super) const STORITVE: &[Noun] = &[
    noun("Servis kavnega aparata", "Coffee machine service", "Maschinenservice", 3500, 5500),
    noun("Tečaj priprave kave", "Barista course", "Barista-Kurs", 2900, 6900),
    noun("Najem aparata", "Machine rental", "Maschinenmiete", 900, 2500),
];
