//! Where the seeded partners live: real towns with their postal codes, plausible streets.
//!
//! Decides addresses and what hangs on them (land-line prefix, country, currency);
//! house numbers are drawn, so that no address is meant to be anyone's.

use super::dice::Dice;

/// A country of the seed, as the ERP spells it.
pub(super) struct Country {
    /// Slovenian name.
    pub(super) name: &'static str,
    /// ISO code.
    pub(super) code: &'static str,
    /// Language register value.
    pub(super) language: &'static str,
    /// ISO currency of its bills.
    pub(super) currency: &'static str,
    /// Phone prefix.
    pub(super) prefix: &'static str,
    /// Province or state, when the country's addresses have one.
    pub(super) province: Option<&'static str>,
    /// Postal codes and towns, the bigger first.
    pub(super) towns: &'static [(&'static str, &'static str)],
    /// Streets.
    pub(super) streets: &'static [&'static str],
    /// First names.
    pub(super) first_names: &'static [&'static str],
    /// Surnames.
    pub(super) surnames: &'static [&'static str],
    /// Legal forms.
    pub(super) forms: &'static [&'static str],
}

/// A street address.
#[derive(Clone)]
pub(super) struct Place {
    /// Street and number.
    pub(super) street: String,
    /// Postal code.
    pub(super) post: &'static str,
    /// Town.
    pub(super) town: &'static str,
}

/// An address in Slovenia.
pub(super) fn slovenian(dice: &mut Dice) -> Place {
    // The big towns come first and hold most customers.
    let place = if dice.percent(55) { dice.below(12) } else { dice.below(TOWNS.len()) };
    let (post, town) = TOWNS[place];
    let street = match dice.below(10) {
        // Villages have no streets: the house number follows the village.
        0 if place >= 12 => dice.pick(VILLAGES),
        1 | 2 if place == 0 => dice.pick(LJUBLJANA_STREETS),
        _ => dice.pick(STREETS),
    };
    Place { street: format!("{street} {}", house(dice)), post, town }
}

/// An address abroad.
pub(super) fn foreign(country: &Country, dice: &mut Dice) -> Place {
    let (post, town) = country.towns[dice.below(country.towns.len())];
    let street = dice.pick(country.streets);
    let street = match country.code {
        "US" => format!("{} {street}", dice.between(10, 9800)),
        _ => format!("{street} {}", dice.between(1, 140)),
    };
    Place { street, post, town }
}

fn house(dice: &mut Dice) -> String {
    let number = dice.between(1, 30) + if dice.percent(30) { dice.between(0, 120) } else { 0 };
    match dice.below(12) {
        0 => format!("{number}a"),
        1 => format!("{number} B"),
        2 => format!("{number}/{}", dice.between(1, 4)),
        _ => number.to_string(),
    }
}

/// The land-line prefix of the region a postal code is in.
pub(super) fn area_code(post: &str) -> &'static str {
    match post.as_bytes().first() {
        Some(b'2' | b'9') => "02",
        Some(b'3') => "03",
        Some(b'4') => "04",
        Some(b'5' | b'6') => "05",
        Some(b'8') => "07",
        _ => "01",
    }
}

const TOWNS: &[(&str, &str)] = &[
    ("1000", "Ljubljana"),
    ("2000", "Maribor"),
    ("3000", "Celje"),
    ("4000", "Kranj"),
    ("6000", "Koper"),
    ("8000", "Novo mesto"),
    ("5000", "Nova Gorica"),
    ("9000", "Murska Sobota"),
    ("3320", "Velenje"),
    ("2250", "Ptuj"),
    ("1230", "Domžale"),
    ("1240", "Kamnik"),
    ("1210", "Ljubljana - Šentvid"),
    ("1231", "Ljubljana - Črnuče"),
    ("1234", "Mengeš"),
    ("1236", "Trzin"),
    ("1270", "Litija"),
    ("1290", "Grosuplje"),
    ("1295", "Ivančna Gorica"),
    ("1310", "Ribnica"),
    ("1330", "Kočevje"),
    ("1351", "Brezovica pri Ljubljani"),
    ("1360", "Vrhnika"),
    ("1370", "Logatec"),
    ("1380", "Cerknica"),
    ("1410", "Zagorje ob Savi"),
    ("1420", "Trbovlje"),
    ("1430", "Hrastnik"),
    ("2204", "Miklavž na Dravskem polju"),
    ("2230", "Lenart v Slovenskih goricah"),
    ("2270", "Ormož"),
    ("2310", "Slovenska Bistrica"),
    ("2311", "Hoče"),
    ("2327", "Rače"),
    ("2342", "Ruše"),
    ("2360", "Radlje ob Dravi"),
    ("2380", "Slovenj Gradec"),
    ("2390", "Ravne na Koroškem"),
    ("3210", "Slovenske Konjice"),
    ("3230", "Šentjur"),
    ("3240", "Šmarje pri Jelšah"),
    ("3250", "Rogaška Slatina"),
    ("3270", "Laško"),
    ("3310", "Žalec"),
    ("3325", "Šoštanj"),
    ("3330", "Mozirje"),
    ("4202", "Naklo"),
    ("4208", "Šenčur"),
    ("4220", "Škofja Loka"),
    ("4226", "Žiri"),
    ("4228", "Železniki"),
    ("4240", "Radovljica"),
    ("4260", "Bled"),
    ("4264", "Bohinjska Bistrica"),
    ("4270", "Jesenice"),
    ("4280", "Kranjska Gora"),
    ("4290", "Tržič"),
    ("5220", "Tolmin"),
    ("5222", "Kobarid"),
    ("5230", "Bovec"),
    ("5270", "Ajdovščina"),
    ("5271", "Vipava"),
    ("5280", "Idrija"),
    ("5290", "Šempeter pri Gorici"),
    ("6210", "Sežana"),
    ("6230", "Postojna"),
    ("6250", "Ilirska Bistrica"),
    ("6257", "Pivka"),
    ("6310", "Izola"),
    ("6320", "Portorož"),
    ("6330", "Piran"),
    ("8210", "Trebnje"),
    ("8250", "Brežice"),
    ("8270", "Krško"),
    ("8290", "Sevnica"),
    ("8310", "Šentjernej"),
    ("8330", "Metlika"),
    ("8340", "Črnomelj"),
    ("9220", "Lendava"),
    ("9240", "Ljutomer"),
    ("9250", "Gornja Radgona"),
    ("9231", "Beltinci"),
];

const LJUBLJANA_STREETS: &[&str] = &[
    "Dunajska cesta",
    "Tržaška cesta",
    "Celovška cesta",
    "Šmartinska cesta",
    "Zaloška cesta",
    "Dolenjska cesta",
    "Vodovodna cesta",
    "Letališka cesta",
    "Brnčičeva ulica",
    "Tehnološki park",
];

const STREETS: &[&str] = &[
    "Slovenska cesta",
    "Prešernova ulica",
    "Cankarjeva ulica",
    "Trubarjeva ulica",
    "Ljubljanska cesta",
    "Mariborska cesta",
    "Partizanska cesta",
    "Kolodvorska ulica",
    "Gregorčičeva ulica",
    "Aškerčeva ulica",
    "Levstikova ulica",
    "Jurčičeva ulica",
    "Maistrova ulica",
    "Kidričeva ulica",
    "Vodnikova ulica",
    "Stritarjeva ulica",
    "Kersnikova ulica",
    "Župančičeva ulica",
    "Kosovelova ulica",
    "Šolska ulica",
    "Gasilska cesta",
    "Poštna ulica",
    "Cvetlična ulica",
    "Vrtna ulica",
    "Ulica heroja Staneta",
    "Ulica talcev",
    "Cesta na Lenivec",
    "Pot v Zeleni gaj",
    "Industrijska cesta",
    "Obrtniška ulica",
    "Glavni trg",
    "Mestni trg",
    "Ob potoku",
    "Pod gozdom",
    "Na jasi",
    "Savska cesta",
    "Dravska ulica",
    "Gorenjska cesta",
];

const VILLAGES: &[&str] = &[
    "Dolenja vas",
    "Gorenja vas",
    "Spodnje Gorje",
    "Zgornji Otok",
    "Mala Pirešica",
    "Velike Brusnice",
    "Podgora",
    "Zagorica",
    "Podkraj",
    "Hrib",
];

/// The foreign countries of the seed, the more frequent first.
pub(super) static ABROAD: [Country; 6] = [
    Country {
        name: "Hrvaška",
        code: "HR",
        language: "Hrvaški",
        currency: "EUR",
        prefix: "+385",
        province: None,
        towns: &[
            ("10000", "Zagreb"),
            ("51000", "Rijeka"),
            ("52100", "Pula"),
            ("42000", "Varaždin"),
            ("40000", "Čakovec"),
            ("47000", "Karlovac"),
        ],
        streets: &["Ilica", "Vukovarska ulica", "Riječka ulica", "Zagrebačka ulica", "Trg slobode"],
        first_names: &["Ivana", "Marko", "Luka", "Petra", "Tomislav", "Mirjana", "Željko"],
        surnames: &["Horvat", "Kovačević", "Babić", "Marić", "Jurić", "Đurić", "Knežević"],
        forms: &["d.o.o.", "j.d.o.o.", "obrt"],
    },
    Country {
        name: "Avstrija",
        code: "AT",
        language: "Nemški",
        currency: "EUR",
        prefix: "+43",
        province: None,
        towns: &[
            ("8010", "Graz"),
            ("9020", "Klagenfurt am Wörthersee"),
            ("9500", "Villach"),
            ("1030", "Wien"),
            ("8430", "Leibnitz"),
        ],
        streets: &["Hauptstraße", "Bahnhofstraße", "Grazer Straße", "Kärntner Ring", "Am Anger"],
        first_names: &["Johann", "Katharina", "Jürgen", "Sabine", "Günther", "Eva"],
        surnames: &["Gruber", "Huber", "Pichler", "Müller", "Wögerer", "Steiner"],
        forms: &["GmbH", "KG", "e.U."],
    },
    Country {
        name: "Italija",
        code: "IT",
        language: "Italijanski",
        currency: "EUR",
        prefix: "+39",
        province: Some("FVG"),
        towns: &[("34121", "Trieste"), ("34170", "Gorizia"), ("33100", "Udine"), ("34074", "Monfalcone")],
        streets: &["Via Carducci", "Via Roma", "Corso Italia", "Via Mazzini", "Piazza Libertà"],
        first_names: &["Giulia", "Marco", "Nicolò", "Francesca", "Paolo", "Chiara"],
        surnames: &["Rossi", "Bianchi", "Furlan", "De Luca", "D'Agostino", "Zanetti"],
        forms: &["S.r.l.", "S.p.A.", "S.a.s."],
    },
    Country {
        name: "Nemčija",
        code: "DE",
        language: "Nemški",
        currency: "EUR",
        prefix: "+49",
        province: None,
        towns: &[("80331", "München"), ("83022", "Rosenheim"), ("70173", "Stuttgart"), ("90402", "Nürnberg")],
        streets: &["Bahnhofstraße", "Schillerstraße", "Münchner Straße", "Gewerbepark"],
        first_names: &["Thomas", "Claudia", "Jörg", "Heike", "Stefan"],
        surnames: &["Schmidt", "Weber", "Schäfer", "Bauer", "Groß", "Krüger"],
        forms: &["GmbH", "GmbH & Co. KG", "AG"],
    },
    Country {
        name: "Švica",
        code: "CH",
        language: "Nemški",
        currency: "CHF",
        prefix: "+41",
        province: None,
        towns: &[("8001", "Zürich"), ("6003", "Luzern"), ("6900", "Lugano")],
        streets: &["Seestrasse", "Bahnhofstrasse", "Via Nassa"],
        first_names: &["Urs", "Regula", "Beat"],
        surnames: &["Zürcher", "Meier", "Bernasconi"],
        forms: &["AG", "GmbH", "Sagl"],
    },
    Country {
        name: "Združene države Amerike",
        code: "US",
        language: "Angleški",
        currency: "USD",
        prefix: "+1",
        province: Some("OH"),
        towns: &[("44114", "Cleveland"), ("44060", "Mentor")],
        streets: &["Euclid Avenue", "Lakeshore Boulevard", "Main Street"],
        first_names: &["Emily", "John", "Frank"],
        surnames: &["Miller", "Zakrajsek", "O'Brien"],
        forms: &["Inc.", "LLC"],
    },
];
