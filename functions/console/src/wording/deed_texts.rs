//! The texts about what can be done to a document: the forms, their fields, what became of them.

use super::pairs::texts;

texts! { /// What the pages say about actions on documents, in one language.
DeedTexts {
    title: "What can be done", "Kaj lahko naredite";
    lead: "What you ask for here is done in Metakocka, once. The list below shows what became of it.", "Kar zahtevate tukaj, se v Metakocki naredi natanko enkrat. Spodnji seznam pokaže, kaj je iz tega nastalo.";
    nothing: "Nothing can be done to this document at present.", "S tem dokumentom trenutno ni mogoče narediti ničesar.";
    no_right: "Your role may look at this, but not do it. Ask an administrator if you need to.", "Vaša vloga to lahko gleda, ne pa tudi dela. Če to potrebujete, se obrnite na skrbnika.";
    read_only: "Nothing can be done yet: the company is read-only until a plan is approved.", "Zaenkrat ni mogoče narediti ničesar: podjetje je samo za branje, dokler načrt ni potrjen.";
    needed: "needed", "obvezno";
    errors_title: "Not done yet. Please correct", "Še ni narejeno. Popravite";
    not_listed: "Not in the list? Write it here", "Ni na seznamu? Vpišite tukaj";
    choose: "– choose –", "– izberite –";
    of_open: "Open", "Odprto";

    // The actions as commands
    do_payment: "Book a payment", "Knjiži plačilo";
    do_status: "Change the status", "Spremeni stanje";
    do_cancel: "Cancel the order", "Prekliči naročilo";
    do_ship: "Mark as shipped", "Označi kot odpremljeno";
    do_order: "Make an order of this offer", "Naredi naročilo iz te ponudbe";
    do_complaint: "File a complaint", "Prijavi reklamacijo";
    do_attachment: "Attach a file", "Priloži datoteko";
    about_payment: "The payment is booked on this document in Metakocka.", "Plačilo se v Metakocki knjiži na ta dokument.";
    about_status: "The document gets another status in Metakocka.", "Dokument v Metakocki dobi drugo stanje.";
    about_cancel: "The order gets the status “Canceled” in Metakocka.", "Naročilo v Metakocki dobi stanje »Preklicano«.";
    about_ship: "The order gets the status “Shipped” and the day of shipment.", "Naročilo dobi stanje »Odpremljeno« in dan odpreme.";
    about_order: "Metakocka gets an order with the customer, the lines and the prices of this offer.", "V Metakocki nastane naročilo s kupcem, postavkami in cenami te ponudbe.";
    about_complaint: "Metakocka gets a complaint about goods of this order.", "V Metakocki nastane reklamacija za blago s tega naročila.";
    about_attachment: "The file is attached to the document in Metakocka. At most 4 MB.", "Datoteka se v Metakocki pripne dokumentu. Največ 4 MB.";

    // Their fields
    mode: "Kind of entry", "Vrsta vnosa";
    mode_payment: "Payment", "Plačilo";
    mode_prepayment: "Prepayment", "Predplačilo";
    mode_return: "Money given back", "Vračilo denarja";
    payment_type: "Payment type", "Vrsta plačila";
    date: "Day of the payment", "Dan plačila";
    amount: "Amount", "Znesek";
    notes: "Note", "Opomba";
    notes_hint: "At most 75 characters.", "Največ 75 znakov.";
    over: "It is meant to be more than what is open", "Znesek je namenoma večji od odprtega";
    key: "New status", "Novo stanje";
    on: "Day of shipment", "Dan odpreme";
    buyer_order: "Customer's order number", "Številka naročilnice kupca";
    buyer_order_hint: "Without one the order gets a number of ours.", "Brez nje dobi naročilo našo številko.";
    claim: "What the customer wants", "Kaj želi kupec";
    claim_reclamation: "Repair or money back", "Popravilo ali vračilo denarja";
    claim_return: "Give the goods back", "Vrniti blago";
    claim_replacement: "Other goods instead", "Zamenjavo blaga";
    user_email: "E-mail of a user of Metakocka", "E-pošta uporabnika Metakocke";
    user_email_hint: "The complaint is filed in this user's name.", "Reklamacija se prijavi v imenu tega uporabnika.";
    reason: "Reason", "Razlog";
    description: "Description", "Opis";
    goods: "Goods", "Blago";
    goods_hint: "Write an amount beside what the complaint is about; leave the rest empty.", "Količino vpišite pri blagu, ki se reklamira; drugo pustite prazno.";
    on_order: "on the order", "na naročilu";
    file_name: "Name of the file in Metakocka", "Ime datoteke v Metakocki";
    file_name_hint: "Without one it keeps its own name.", "Brez vpisa obdrži svoje ime.";
    content: "File", "Datoteka";

    // The step in between
    confirm_title: "Please check: is this right?", "Preverite: ali je to prav?";
    confirm_final: "It cannot be taken back from here. Only Metakocka itself can correct it afterwards.", "Od tod tega ni mogoče vzeti nazaj. Pozneje je popravek mogoč samo v Metakocki.";
    confirm_document: "Document", "Dokument";
    confirm_partner: "Customer", "Kupec";
    correct_it: "Correct it", "Popravi";
    leave_it: "Do not do it", "Ne naredi";

    // What became of them
    past_title: "Asked for so far", "Doslej zahtevano";
    no_past: "Nothing was asked for yet.", "Zahtevano še ni bilo nič.";
    state_planned: "Waits to be sent", "Čaka na pošiljanje";
    state_sending: "Sent, waiting for Metakocka", "Poslano, čaka na Metakocko";
    state_done: "Done", "Narejeno";
    state_rejected: "Refused, not done", "Zavrnjeno, ni narejeno";
    state_person: "Somebody must look", "Nekdo mora pogledati";
    how_found: "The answer was lost; a look at the document found that it is done.", "Odgovor se je izgubil; pogled na dokument je pokazal, da je narejeno.";
    how_already: "It was so already, so nothing was sent.", "Tako je že bilo, zato ni bilo nič poslano.";
    made_order: "The new order", "Novo naročilo";
    made_complaint: "Complaint in Metakocka", "Reklamacija v Metakocki";
    refresh: "Show the present state", "Pokaži trenutno stanje";
    wait_for_it: "It usually takes some seconds.", "Navadno traja nekaj sekund.";
    next_look: "next look", "naslednji pogled";
    asked_by: "asked for by", "na zahtevo";
    notice_asked: "It is asked for. The list under “What can be done” shows what becomes of it.", "Zahteva je sprejeta. Seznam pod »Kaj lahko naredite« pokaže, kaj je iz nje nastalo.";

    // What is wrong with a form
    wrong_missing: "This is needed.", "Ta podatek je obvezen.";
    wrong_amount: "Write a number, such as 12.50.", "Vpišite število, na primer 12,50.";
    wrong_day: "Choose a day.", "Izberite dan.";
    wrong_choice: "Choose one of these.", "Izberite eno od možnosti.";
    wrong_value: "This value is not taken.", "Te vrednosti ni mogoče sprejeti.";
    wrong_lines: "Write an amount beside at least one of the goods.", "Količino vpišite pri vsaj enem blagu.";
    wrong_file: "Choose a file.", "Izberite datoteko.";
    wrong_over: "This is more than what is open. Correct it, or say below that it is meant.", "To je več od odprtega zneska. Popravite ga ali spodaj potrdite, da je tako mišljeno.";
    wrong_other: "This form was sent before with other values; look at the list below. To do one more, fill in this new form.", "Ta obrazec je bil že poslan z drugimi vrednostmi; poglejte spodnji seznam. Če želite narediti še eno, izpolnite ta novi obrazec.";
    under_way: "The same was asked for already and is not over yet. Look at the list below.", "Isto je že zahtevano in še ni končano. Poglejte spodnji seznam.";
    moved_on: "The document does not allow this any more: its status has changed meanwhile.", "Dokument tega ne dovoljuje več: njegovo stanje se je vmes spremenilo.";
} }
