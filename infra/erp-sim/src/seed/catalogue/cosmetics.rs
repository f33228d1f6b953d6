//! A cosmetics wholesaler: sun care in early summer, gifts in December.

use super::{Business, Group, Kind, Noun, Shelf, noun};

pub(super) static BUSINESS: Business = Business {
    name: "Lepota Vesna d.o.o.",
    domain: "lepota-vesna.example.com",
    staff: [
        ("Tjaša Oblak", "tjasa"),
        ("Mitja Rozman", "mitja"),
        ("Živa Kolar", "ziva"),
        ("Glavni account", "narocila"),
    ],
    trades: &[
        "Kozmetični salon",
        "Frizerski salon",
        "Lekarna",
        "Drogerija",
        "Wellness center",
        "Masaža",
        "Salon lepote",
        "Hotel",
        "Terme",
        "Studio nohtov",
    ],
    people: 36,
    standard_tax: "EX4",
    reduced_tax: "EX3",
    taxes: &[("EX4", 220, "22"), ("EX3", 95, "9.5"), ("EX1", 50, "5"), ("085", 0, "0"), ("000", 0, "0")],
    customer_prefix: "STR",
    notes: &[
        "Priložiti vzorce, prosim.",
        "Brez reklamnih letakov",
        "<b>Lomljivo!</b>",
        "Darilni bon & kartica v kuverti",
        "Salon \"Zala\", 1. nadstropje\r\ndvigalo ne dela",
        "Občutljiva koža: izdelki brez parfuma",
    ],
    groups: &[
        Group {
            name: "Nega obraza",
            season: [8, 8, 9, 9, 9, 8, 6, 6, 8, 10, 14, 22],
            share: 28,
            shelves: &[
                Shelf {
                    name: "Kreme",
                    code: "KRE",
                    unit: "kos",
                    kind: Kind::GoodsByLot,
                    grams: (60, 240),
                    brands: &["Vesna", "Rosa", "Alpska", "Lotos"],
                    variants: &["30 ml", "50 ml", "suha koža 50 ml", "mastna koža 50 ml", "200 ml"],
                    nouns: KREME,
                },
                Shelf {
                    name: "Čiščenje",
                    code: "CIS",
                    unit: "kos",
                    kind: Kind::GoodsByLot,
                    grams: (110, 540),
                    brands: &["Vesna", "Rosa", "Čista"],
                    variants: &["100 ml", "200 ml", "500 ml salonsko"],
                    nouns: CISCENJE,
                },
            ],
        },
        Group {
            name: "Nega telesa",
            season: [4, 4, 6, 9, 16, 20, 16, 9, 5, 5, 8, 15],
            share: 26,
            shelves: &[
                Shelf {
                    name: "Sončna nega",
                    code: "SON",
                    unit: "kos",
                    kind: Kind::GoodsByLot,
                    grams: (70, 320),
                    brands: &["Morska", "Žarek"],
                    variants: &["ZF 20", "ZF 30", "ZF 50", "otroško ZF 50"],
                    nouns: SONCE,
                },
                Shelf {
                    name: "Mila in olja",
                    code: "MIL",
                    unit: "kos",
                    kind: Kind::GoodsByLot,
                    grams: (90, 620),
                    brands: &["Vesna", "Milarna", "Sivka"],
                    variants: &["sivka", "limona", "brez vonja", "med in oves"],
                    nouns: MILA,
                },
            ],
        },
        Group {
            name: "Lasje",
            season: [8, 8, 9, 9, 10, 9, 7, 7, 9, 9, 10, 16],
            share: 22,
            shelves: &[
                Shelf {
                    name: "Šamponi in balzami",
                    code: "SAM",
                    unit: "l",
                    kind: Kind::GoodsByLot,
                    grams: (1040, 1120),
                    brands: &["Salon Pro", "Breza"],
                    variants: &["za barvane lase", "za suhe lase", "za vsak dan", "proti prhljaju"],
                    nouns: SAMPONI,
                },
                Shelf {
                    name: "Barve in pribor",
                    code: "BAR",
                    unit: "kos",
                    kind: Kind::GoodsByLot,
                    grams: (40, 900),
                    brands: &["Salon Pro", "Ton"],
                    variants: &["3.0", "4.5", "6.1", "7.3", "9.0", "10.1"],
                    nouns: BARVE,
                },
            ],
        },
        Group {
            name: "Dišave in darila",
            season: [4, 8, 8, 6, 6, 4, 3, 3, 4, 6, 17, 40],
            share: 18,
            shelves: &[Shelf {
                name: "Dišave",
                code: "DIS",
                unit: "komplet",
                kind: Kind::Goods,
                grams: (150, 900),
                brands: &["Lotos", "Nokturno", "Vesna"],
                variants: &["30 ml", "50 ml", "100 ml", "darilni"],
                nouns: DISAVE,
            }],
        },
        Group {
            name: "Storitve",
            season: [8, 8, 9, 9, 9, 9, 7, 7, 9, 9, 9, 9],
            share: 6,
            shelves: &[Shelf {
                name: "Izobraževanje",
                code: "IZO",
                unit: "ura",
                kind: Kind::Service,
                grams: (0, 0),
                brands: &["v salonu", "v Ljubljani"],
                variants: &["", "nadaljevalno"],
                nouns: STORITVE,
            }],
        },
    ],
};

const KREME: &[Noun] = &[
    noun("Dnevna krema", "Day cream", "Tagescreme", 990, 4990),
    noun("Nočna krema", "Night cream", "Nachtcreme", 1190, 5990),
    noun("Serum", "Serum", "Serum", 1490, 7990),
    noun("Krema okoli oči", "Eye cream", "Augencreme", 990, 4490),
    noun("Maska za obraz", "Face mask", "Gesichtsmaske", 390, 2990),
];
const CISCENJE: &[Noun] = &[
    noun("Čistilni gel", "Cleansing gel", "Reinigungsgel", 690, 2490),
    noun("Micelarna voda", "Micellar water", "Mizellenwasser", 490, 1990),
    noun("Tonik", "Toner", "Gesichtswasser", 590, 2290),
    noun("Piling", "Peeling", "Peeling", 790, 2690),
];
const SONCE: &[Noun] = &[
    noun("Mleko za sončenje", "Sun milk", "Sonnenmilch", 890, 2690),
    noun("Sprej za sončenje", "Sun spray", "Sonnenspray", 990, 2890),
    noun("Losjon po sončenju", "After-sun lotion", "After-Sun-Lotion", 690, 1990),
];
const MILA: &[Noun] = &[
    noun("Trdo milo", "Bar soap", "Seife", 240, 890),
    noun("Masažno olje", "Massage oil", "Massageöl", 890, 3490),
    noun("Losjon za telo", "Body lotion", "Bodylotion", 590, 2290),
    noun("Gel za prhanje", "Shower gel", "Duschgel", 290, 1290),
];
const SAMPONI: &[Noun] = &[
    noun("Šampon", "Shampoo", "Shampoo", 690, 2490),
    noun("Balzam", "Conditioner", "Spülung", 790, 2690),
    noun("Maska za lase", "Hair mask", "Haarmaske", 1290, 3990),
];
const BARVE: &[Noun] = &[
    noun("Barva za lase", "Hair colour", "Haarfarbe", 490, 1290),
    noun("Oksidant", "Developer", "Oxydant", 290, 1190),
    noun("Krtača", "Brush", "Bürste", 390, 2490),
    noun("Frizerske škarje", "Hair scissors", "Haarschere", 2900, 18900),
];
const DISAVE: &[Noun] = &[
    noun("Parfumska voda", "Eau de parfum", "Eau de Parfum", 1990, 7990),
    noun("Toaletna voda", "Eau de toilette", "Eau de Toilette", 1490, 5490),
    noun("Darilni set", "Gift set", "Geschenkset", 1690, 6990),
    noun("Dišeča sveča", "Scented candle", "Duftkerze", 790, 2990),
];
const STORITVE: &[Noun] = &[
    noun("Delavnica ličenja", "Make-up workshop", "Schminkkurs", 2900, 5900),
    noun("Usposabljanje", "Training", "Schulung", 3500, 6500),
    noun("Svetovanje", "Consulting", "Beratung", 2500, 4500),
];
