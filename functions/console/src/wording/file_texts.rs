//! The texts about files of documents.

use super::pairs::texts;

texts! { /// What the pages say about files, in one language.
FileTexts {
    title: "Files", "Datoteke";
    none: "No file is known yet.", "Nobena datoteka še ni znana.";
    pdf: "Download the printed document (PDF)", "Prenesi tiskan dokument (PDF)";
    proof: "Download the proof of delivery", "Prenesi dokazilo o dostavi";
    refresh: "Look for files in Metakocka", "Poišči datoteke v Metakocki";
    looking: "Files are being looked for; this page shows them when it is loaded again.", "Datoteke se iščejo; stran jih pokaže, ko jo naložite znova.";
    never_looked: "Nobody has looked in Metakocka yet.", "V Metakocki jih še nihče ni poiskal.";
    looked: "Last looked for", "Nazadnje iskano";
    incomplete: "The last look did not see everything", "Zadnje iskanje ni videlo vsega";
    file: "File", "Datoteka";
    size: "Size", "Velikost";
    from: "From", "Od kod";
    seen: "Since", "Od kdaj";
    state: "State", "Stanje";
    from_erp: "Metakocka", "iz Metakocke";
    from_crm: "CRM", "iz CRM";
    kept: "Kept here", "Shranjena";
    not_kept: "Not kept", "Ni shranjena";
    on_its_way: "Not looked for in Metakocka yet", "V Metakocki še ni preverjena";
    gone: "No longer in Metakocka", "V Metakocki je ni več";
    download: "Download", "Prenesi";
    notice_asked: "Files are being looked for. Load the page again in some seconds.", "Datoteke se iščejo. Čez nekaj sekund znova naložite stran.";
    later_title: "The document is being printed", "Dokument se pripravlja za tisk";
    later_detail: "Metakocka needs a little longer for it.", "Metakocka potrebuje zanj malo več časa.";
    later_remedy: "Load this page again in about ten seconds, then the download begins.", "Čez približno deset sekund znova naložite to stran; takrat se začne prenos.";
} }
