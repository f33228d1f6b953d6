//! Names of people and companies, and the ways users spell them.
//!
//! Decides what a partner is called and how text is folded to plain letters. Companies
//! are put together from common words; any likeness to a real one is chance.

use super::dice::Dice;

/// A person.
#[derive(Clone)]
pub(super) struct Person {
    /// First name.
    pub(super) first: String,
    /// Surname.
    pub(super) last: String,
}

impl Person {
    /// A Slovenian person.
    pub(super) fn slovenian(dice: &mut Dice) -> Self {
        let first = if dice.percent(50) { dice.pick(WOMEN) } else { dice.pick(MEN) };
        // The first surnames of the list are the common ones.
        let last = if dice.percent(40) { dice.below(20) } else { dice.below(SURNAMES.len()) };
        let last = if dice.percent(3) {
            format!("{} {}", SURNAMES[last], dice.pick(SURNAMES))
        } else {
            SURNAMES[last].to_owned()
        };
        Self { first: first.to_owned(), last }
    }

    /// First name and surname.
    pub(super) fn full(&self) -> String {
        format!("{} {}", self.first, self.last)
    }
}

/// A Slovenian company of one of these trades, with the word its mail domain is made of.
pub(super) fn company(trades: &[&'static str], dice: &mut Dice) -> String {
    let trade = dice.pick(trades);
    match dice.below(100) {
        0..30 => {
            let owner = Person::slovenian(dice);
            format!("{trade} {}, {} s.p.", owner.last, owner.full())
        }
        30..38 => format!("{trade} {}, {} s.p.", dice.pick(SIGNS), Person::slovenian(dice).full()),
        38..60 => format!("{trade} {} d.o.o.", dice.pick(SIGNS)),
        60..72 => format!("{trade} {} d.o.o.", Person::slovenian(dice).last),
        72..90 => format!("{}{} d.o.o.", dice.pick(HEADS), dice.pick(TAILS)),
        90..94 => format!("{}{} d.d.", dice.pick(HEADS), dice.pick(TAILS)),
        _ => odd_company(trade, dice),
    }
}

/// Names that break naive code: quotes, ampersands, angle brackets, dots, digits, length.
fn odd_company(trade: &str, dice: &mut Dice) -> String {
    let sign = dice.pick(SIGNS);
    let owner = Person::slovenian(dice);
    match dice.below(9) {
        0 => format!("{trade} \"{sign}\" d.o.o."),
        1 => format!("{} & sinovi d.o.o.", owner.last),
        2 => format!("»{sign}« {trade}, {} s.p.", owner.full()),
        3 => format!("{}. {sign} d.o.o.", dice.between(1, 30)),
        4 => format!("Društvo <{sign}>"),
        5 => format!("A.B.C. {sign} d.o.o. - v stečaju"),
        6 => format!("Zavod za šport, kulturo in mladinske dejavnosti {sign}, javni zavod {}", owner.last),
        7 => format!("{trade} 1/2 {sign}, {} s. p.", owner.full()),
        _ => format!("Ž.{}.Š. {trade}'s d.n.o.", sign.chars().next().unwrap_or('A')),
    }
}

/// Plain letters for letters with marks: how people type without a Slovenian keyboard.
pub(super) fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        let pair = MARKS.iter().find(|(marked, _, _)| *marked == letter);
        match (letter, pair) {
            (_, Some((_, base, _))) => plain.push(*base),
            ('đ', _) => plain.push('d'),
            ('Đ', _) => plain.push('D'),
            ('ß', _) => plain.push_str("ss"),
            _ => plain.push(letter),
        }
    }
    plain
}

/// The same text with its marks as letters of their own (NFD), as some systems store it.
pub(super) fn decomposed(text: &str) -> String {
    let mut parts = String::with_capacity(text.len() + 4);
    for letter in text.chars() {
        match MARKS.iter().find(|(marked, _, _)| *marked == letter) {
            Some((_, base, mark)) => parts.extend([*base, *mark]),
            None => parts.push(letter),
        }
    }
    parts
}

/// The text as a part of a host name or mailbox.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for letter in folded(text).chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(28);
    slug.trim_end_matches('-').to_owned()
}

const MARKS: &[(char, char, char)] = &[
    ('č', 'c', '\u{30c}'),
    ('š', 's', '\u{30c}'),
    ('ž', 'z', '\u{30c}'),
    ('Č', 'C', '\u{30c}'),
    ('Š', 'S', '\u{30c}'),
    ('Ž', 'Z', '\u{30c}'),
    ('ć', 'c', '\u{301}'),
    ('Ć', 'C', '\u{301}'),
    ('ö', 'o', '\u{308}'),
    ('ä', 'a', '\u{308}'),
    ('ü', 'u', '\u{308}'),
    ('ò', 'o', '\u{300}'),
    ('à', 'a', '\u{300}'),
    ('é', 'e', '\u{301}'),
];

const MEN: &[&str] = &[
    "Franc",
    "Marko",
    "Janez",
    "Andrej",
    "Ivan",
    "Anton",
    "Jožef",
    "Luka",
    "Matej",
    "Peter",
    "Marjan",
    "Tomaž",
    "Milan",
    "Aleš",
    "Branko",
    "Bojan",
    "Robert",
    "Rok",
    "Boštjan",
    "Matjaž",
    "Gregor",
    "Miha",
    "Stanislav",
    "Martin",
    "David",
    "Igor",
    "Jan",
    "Dejan",
    "Boris",
    "Žiga",
    "Nejc",
    "Dušan",
    "Jure",
    "Uroš",
    "Blaž",
    "Mitja",
    "Simon",
    "Matic",
    "Klemen",
    "Darko",
    "Primož",
    "Jernej",
    "Anže",
    "Gašper",
    "Drago",
    "Tadej",
    "Denis",
    "Jaka",
    "Štefan",
    "Vid",
    "Zoran",
    "Sašo",
    "Domen",
    "Tilen",
    "Urban",
];

const WOMEN: &[&str] = &[
    "Marija",
    "Ana",
    "Maja",
    "Irena",
    "Mojca",
    "Nina",
    "Mateja",
    "Nataša",
    "Andreja",
    "Barbara",
    "Petra",
    "Eva",
    "Katja",
    "Jožica",
    "Anja",
    "Sonja",
    "Tatjana",
    "Sara",
    "Katarina",
    "Milena",
    "Tanja",
    "Tina",
    "Alenka",
    "Vesna",
    "Martina",
    "Majda",
    "Urška",
    "Špela",
    "Frančiška",
    "Nika",
    "Tjaša",
    "Helena",
    "Anica",
    "Terezija",
    "Dragica",
    "Nada",
    "Kristina",
    "Simona",
    "Danica",
    "Sabina",
    "Neža",
    "Zala",
    "Živa",
    "Ajda",
    "Lucija",
    "Polona",
    "Suzana",
    "Jana",
    "Klara",
    "Darja",
    "Lidija",
    "Jerneja",
    "Ema",
    "Lana",
    "Žana",
];

const SURNAMES: &[&str] = &[
    "Novak",
    "Horvat",
    "Kovačič",
    "Krajnc",
    "Zupančič",
    "Potočnik",
    "Kovač",
    "Mlakar",
    "Kos",
    "Vidmar",
    "Golob",
    "Turk",
    "Kralj",
    "Zupan",
    "Božič",
    "Bizjak",
    "Hribar",
    "Korošec",
    "Kotnik",
    "Rozman",
    "Kavčič",
    "Kastelic",
    "Petek",
    "Oblak",
    "Hočevar",
    "Žagar",
    "Kolar",
    "Košir",
    "Koren",
    "Klemenčič",
    "Zajc",
    "Knez",
    "Medved",
    "Pirc",
    "Zupanc",
    "Petrič",
    "Hrovat",
    "Kuhar",
    "Lah",
    "Zorko",
    "Pavlič",
    "Erjavec",
    "Šuštar",
    "Jerman",
    "Uršič",
    "Babič",
    "Jereb",
    "Majcen",
    "Sever",
    "Krivec",
    "Breznik",
    "Tomažič",
    "Jug",
    "Močnik",
    "Lešnik",
    "Rupnik",
    "Pečnik",
    "Furlan",
    "Pavlin",
    "Perko",
    "Likar",
    "Bezjak",
    "Logar",
    "Dolenc",
    "Primožič",
    "Pušnik",
    "Tomšič",
    "Jenko",
    "Cerar",
    "Blatnik",
    "Sitar",
    "Skok",
    "Žnidaršič",
    "Štrukelj",
    "Čeh",
    "Leban",
    "Ambrož",
    "Kranjc",
    "Mihelič",
    "Tavčar",
    "Jamnik",
    "Debeljak",
    "Kobal",
    "Fras",
    "Žižek",
    "Šmid",
    "Marolt",
    "Čuk",
    "Hafner",
    "Bregar",
    "Rajh",
    "Volk",
    "Gorenc",
    "Petrović",
    "Jovanović",
    "Hodžić",
    "Đorđević",
    "Nagode",
    "Rutar",
    "Savšek",
];

const SIGNS: &[&str] = &[
    "Lipa",
    "Planika",
    "Soča",
    "Javor",
    "Breza",
    "Zvezda",
    "Krona",
    "Sonček",
    "Mlin",
    "Pri Mostu",
    "Vrelec",
    "Gaj",
    "Dolina",
    "Orel",
    "Kozorog",
    "Jezero",
    "Marjetica",
    "Rožmarin",
    "Pod Lipo",
    "Stari Grad",
    "Vesna",
    "Kekec",
    "Pri Lojzetu",
    "Žarek",
    "Šipek",
    "Čebelica",
    "Encijan",
    "Ajda",
    "Grad",
    "Lastovka",
];

const HEADS: &[&str] = &[
    "Alpo", "Sava", "Drava", "Kras", "Gore", "Pano", "Dolen", "Prim", "Kova", "Lesno", "Metal", "Inter", "Agro", "Eko",
    "Nova", "Termo", "Bio", "Mont", "Slo", "Zala", "Tria", "Verta",
];

const TAILS: &[&str] = &[
    "mont", "trade", "les", "prom", "tehna", "dom", "grad", "plus", "invest", "lux", "vita", "servis", "tim", "net",
    "gal", "ster", "nova", "lin",
];
