//! The texts about contacts as people arrange them: merged, taken apart, joined, asked about.

use super::pairs::texts;

texts! { /// What the pages say about arranging contacts, in one language.
PeopleTexts {
    title: "Arrange this contact", "Urejanje stika";
    no_right: "Your role may look at this, but not change it.", "Vaša vloga to lahko gleda, ne pa tudi spreminja.";

    // Merging
    merge_title: "Merge with another contact", "Združi z drugim stikom";
    merge_lead: "For two contacts of the CRM that are the same customer. You see both, and what comes of it, before anything is changed.", "Za dva stika v CRM, ki sta isti kupec. Preden se kar koli spremeni, vidite oba in kaj iz njiju nastane.";
    merge_into: "Id in the CRM of the contact that stays", "Oznaka v CRM tistega stika, ki ostane";
    merge_show: "Show both", "Pokaži oba";
    preview_title: "Merge these two contacts?", "Naj se ta dva stika združita?";
    preview_lead: "The first one goes: whoever asks for it is led to the second. Nothing is changed before you confirm.", "Prvi izgine: kdor vpraša zanj, pride do drugega. Dokler ne potrdite, se nič ne spremeni.";
    going: "This one goes", "Ta izgine";
    staying: "This one stays", "Ta ostane";
    result: "What it has afterwards", "Kaj ima potem";
    changed: "new", "novo";
    lost: "not taken over", "ne prevzame se";
    partner: "Partner in Metakocka", "Partner v Metakocki";
    no_partner: "none", "brez";
    in_erp: "In Metakocka nothing is merged. What is new for the partner is written there by the rules in the settings.", "V Metakocki se nič ne združi. Kar je za partnerja novo, se tja zapiše po pravilih v nastavitvah.";
    take_back: "It can be taken back while nobody has changed the contact and nothing new has reached Metakocka.", "Združitev lahko razveljavite, dokler stika nihče ne spremeni in dokler nič novega ne pride v Metakocko.";
    merge_now: "Merge", "Združi";
    other_way: "The other way round", "V obratni smeri";
    leave_it: "Leave them as they are", "Pusti ju, kot sta";
    merged_into: "This contact was merged into another one", "Ta stik je združen z drugim";
    absorbed: "Merged into this contact", "Združeno s tem stikom";
    unmerge: "Take the merge back", "Razveljavi združitev";

    // Apart and together
    unlink_title: "Take this contact and the partner in Metakocka apart", "Loči ta stik in partnerja v Metakocki";
    unlink_lead: "For a contact that was linked with the wrong partner. Both stay as they are; from then on they do not follow each other, and the contact waits for your decision.", "Za stik, ki je povezan z napačnim partnerjem. Oba ostaneta, kakršna sta; odtlej si ne sledita več, stik pa čaka na vašo odločitev.";
    unlink: "Take them apart", "Loči";
    link_title: "Link this contact with a partner in Metakocka", "Poveži ta stik s partnerjem v Metakocki";
    link_lead: "For a customer that is in Metakocka already. What is equal stays; what differs goes by the rules in the settings, or waits for you.", "Za kupca, ki v Metakocki že obstaja. Kar je enako, ostane; kar se razlikuje, gre po pravilih v nastavitvah ali počaka na vas.";
    link_partner: "Id of the partner in Metakocka", "Oznaka partnerja v Metakocki";
    link_partner_hint: "The number that its page here shows under “Id in Metakocka”.", "Številka, ki jo njegova stran tukaj kaže pod »Oznaka v Metakocki«.";
    link_crm: "Id of the contact in the CRM", "Oznaka stika v CRM";
    claim_title: "Link this partner with a contact of the CRM", "Poveži tega partnerja s stikom v CRM";
    link: "Link", "Poveži";

    // The blacklist
    blacklist_title: "Metakocka's blacklist", "Črna lista v Metakocki";
    blacklist_lead: "Metakocka is asked by the contact's e-mail addresses, phone numbers and name.", "Metakocko vprašamo po e-poštnih naslovih, telefonskih številkah in nazivu stika.";
    blacklist_ask: "Look at the blacklist", "Poglej na črno listo";
    listed: "On the blacklist", "Na črni listi";
    not_listed: "Not on the blacklist", "Ni na črni listi";
    not_available: "The company has no blacklist", "Podjetje nima črne liste";
    no_user: "Not asked: no user of Metakocka is named in whose name to ask", "Ni vprašano: ni določen uporabnik Metakocke, v imenu katerega bi vprašali";
    no_user_remedy: "Have an administrator name a user of Metakocka in the connection.", "Skrbnik naj v povezavi določi uporabnika Metakocke.";
    too_many: "Not certain: the contact has more addresses and numbers than are asked for", "Ni gotovo: stik ima več naslovov in številk, kot jih vprašamo";
    as_of: "Asked", "Vprašano";
    by_email: "E-mail", "E-pošta";
    by_phone: "Phone", "Telefon";
    by_name: "Name", "Naziv";
    why: "Reason", "Razlog";

    notice_merged: "The two are one contact now.", "Stika sta zdaj eno.";
    notice_unmerged: "They are two contacts again.", "Spet sta dva stika.";
    notice_unlinked: "They are apart. The contact waits for a decision.", "Zapisa sta ločena. Stik čaka na odločitev.";
    notice_linked: "The contact and the partner are linked.", "Stik in partner sta povezana.";

    // Why not
    unknown: "The CRM has no contact with this id.", "V CRM ni stika s to oznako.";
    unknown_partner: "Metakocka has no such partner, or it has not been read yet.", "V Metakocki takega partnerja ni ali pa še ni prebran.";
    same: "Each would be the other: this contact already is that one.", "Vsak bi bil drugi: ta stik je že oni.";
    two_partners: "The two are two different partners in Metakocka. Merge the partners there first, or take one contact apart from its partner.", "Stika sta v Metakocki dva različna partnerja. Najprej združite partnerja tam ali pa enega od stikov ločite od partnerja.";
    busy: "One of the two is just being written to Metakocka. Try again in a minute.", "Eden od njiju se prav zdaj zapisuje v Metakocko. Poskusite znova čez minuto.";
    deleted: "One of the two is deleted. Take it back first.", "Eden od njiju je izbrisan. Najprej ga obnovite.";
    too_deep: "Too many contacts went into this one already. Merge the other way round.", "V ta stik je šlo že preveč drugih. Združite v obratni smeri.";
    not_of_crm: "Only contacts that are in the CRM can be merged.", "Združiti je mogoče samo stike, ki so v CRM.";
    moved: "Somebody has changed the contact meanwhile. Look at it as it is now.", "Nekdo je stik vmes spremenil. Poglejte, kakšen je zdaj.";
    not_merged: "This contact is not merged with another one.", "Ta stik ni združen z drugim.";
    built_on: "The merge cannot be taken back any more: the contact was changed since, or what it got is in Metakocka already.", "Združitve ni več mogoče razveljaviti: stik je bil pozneje spremenjen ali pa je to, kar je dobil, že v Metakocki.";
    not_linked: "This contact is not linked with a partner.", "Ta stik ni povezan s partnerjem.";
    link_taken: "One of the two is linked already. Take that link apart first.", "Eden od njiju je že povezan. Najprej ju ločite.";
    already_merged: "This contact was merged into another one. Use that one.", "Ta stik je združen z drugim. Uporabite tistega.";
    again: "Somebody else changed the same at this moment. Try again.", "Nekdo drug je v tem trenutku spremenil isto. Poskusite znova.";
    needed: "This is needed.", "Ta podatek je obvezen.";
    bad_id: "An id of a partner is a number.", "Oznaka partnerja je številka.";
} }
