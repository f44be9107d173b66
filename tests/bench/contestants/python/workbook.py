"""`workbook.py ROWS FILE`: the export's workbook by XlsxWriter in constant memory, cell by cell the same; prints the
nanoseconds of the processor that the writing took."""

import datetime
import sys
import time

import xlsxwriter

LAST = ["Lefèvre", "Müller-Château", "N’Diaye", "Hérault", "Œdipe", "Le Guÿon", "Bézard", "Thuillier"]
FIRST = ["Zoé", "François-Xavier", "Maëlle", "Anaïs", "Joséphine", "Raphaël", "Chloé"]
TOWNS = ["Crépy-en-Valois", "Pont-Sainte-Maxence", "Méru", "Noyon", "Grandvilliers"]
DAY, BORN = datetime.date(2026, 11, 24), datetime.date(1988, 2, 29)
END = datetime.date(2027, 11, 24)


def main(rows: int, file: str) -> None:
    began = time.process_time_ns()
    workbook = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = workbook.add_worksheet("Usagers")
    text, date = (workbook.add_format({"num_format": code}) for code in ("@", "dd/mm/yyyy"))
    pending = workbook.add_format({"bg_color": "#FFF2CC"})
    for n in range(rows):
        row = n + 1
        sheet.write_string(row, 0, "En attente", pending)
        sheet.write_string(row, 1, LAST[n % 8], text)
        sheet.write_string(row, 2, FIRST[n % 7], text)
        sheet.write_datetime(row, 3, DAY, date)
        sheet.write_datetime(row, 4, END, date)
        sheet.write_string(row, 5, "MusicMe, Skilleos", text)
        sheet.write_datetime(row, 6, BORN, date)
        sheet.write_string(row, 7, f"u{n}@orange.example", text)
        sheet.write_string(row, 8, "+33612345678", text)
        sheet.write_string(row, 9, f"{n % 200} rue de l’Église", text)
        sheet.write_string(row, 10, "60800", text)
        sheet.write_string(row, 11, TOWNS[n % 5], text)
        sheet.write_string(row, 12, f"{n:06}", text)
        sheet.write_string(row, 15, "Fleury (60240), Bibliothèque municipale", text)
    workbook.close()
    print(time.process_time_ns() - began)


main(int(sys.argv[1]), sys.argv[2])
