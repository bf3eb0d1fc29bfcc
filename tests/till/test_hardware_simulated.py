"""The simulated twins keep the devices' promises, faults included."""

from __future__ import annotations

import inspect

import pytest

from domain.quantity import Quantity, Unit
from domain.receipt import Receipt, Row
from till_kivy.hardware import protocols, simulated
from till_kivy.hardware.escpos_reader import (
    Bars,
    Cut,
    Pulse,
    TextLine,
    UnreadableJob,
    plain_text,
    read_job,
)
from till_kivy.hardware.escpos_render import render
from till_kivy.hardware.protocols import (
    Cue,
    CustomerDisplay,
    DeviceFailed,
    Devices,
    DisplayFailed,
    Drawer,
    DrawerFailed,
    Printer,
    PrinterFailed,
    PrintUnknown,
    Scale,
    ScaleRefused,
    Scanner,
    Sound,
)

JOB = render(Receipt("1", (Row("Tea", "3.50"),)), 48)
TWINS = (
    (Printer, simulated.SimulatedPrinter),
    (Drawer, simulated.SimulatedDrawer),
    (Scanner, simulated.SimulatedScanner),
    (CustomerDisplay, simulated.SimulatedDisplay),
    (Scale, simulated.SimulatedScale),
    (Sound, simulated.SimulatedSound),
)


@pytest.mark.parametrize(("protocol", "twin"), TWINS, ids=[p.__name__ for p, _ in TWINS])
def test_every_device_has_a_twin_with_the_same_calls(protocol: type, twin: type) -> None:
    promised = [name for name in vars(protocol) if not name.startswith("_")]

    for name in promised:
        wanted, found = getattr(protocol, name), getattr(twin, name)
        if callable(wanted):
            assert inspect.signature(found) == inspect.signature(wanted)

    assert len(TWINS) == len(Devices.__dataclass_fields__)


def test_all_faults_of_devices_are_one_family_of_sentences() -> None:
    failures = [
        kind
        for kind in vars(protocols).values()
        if isinstance(kind, type) and issubclass(kind, DeviceFailed)
    ]

    assert {kind.status for kind in failures} == {503}
    assert issubclass(PrintUnknown, PrinterFailed)


def test_the_printer_keeps_bytes_and_paper() -> None:
    printer = simulated.SimulatedPrinter()

    printer.print(JOB)

    assert list(printer.jobs) == [JOB]
    assert printer.papers()[0].splitlines()[0] == "Tea" + " " * 41 + "3.50"


def test_the_tray_holds_the_last_hundred_papers() -> None:
    printer = simulated.SimulatedPrinter(columns=32)

    for _ in range(simulated.MOST_PAPERS + 5):
        printer.print(JOB)

    assert len(printer.papers()) == simulated.MOST_PAPERS
    assert printer.columns == 32


@pytest.mark.parametrize(
    ("fault", "error"),
    [("unplugged", PrinterFailed), ("paper_out", PrinterFailed), ("stalled", PrintUnknown)],
)
def test_a_faulty_printer_says_what_is_known_and_works_again(
    fault: str, error: type[PrinterFailed]
) -> None:
    printer = simulated.SimulatedPrinter()
    setattr(printer, fault, True)

    with pytest.raises(PrinterFailed) as raised:
        printer.print(JOB)

    assert raised.type is error
    setattr(printer, fault, False)
    printer.print(JOB)
    assert len(printer.papers()) == 1


def test_the_printer_does_not_swallow_what_a_real_one_would_misprint() -> None:
    printer = simulated.SimulatedPrinter()

    with pytest.raises(UnreadableJob):
        printer.print(b"\x1b@\x1b\x99")

    assert printer.papers() == []


@pytest.mark.parametrize("fault", ["unplugged", "jammed"])
def test_a_drawer_counts_how_often_it_really_opened(fault: str) -> None:
    drawer = simulated.SimulatedDrawer()
    drawer.kick()
    setattr(drawer, fault, True)

    with pytest.raises(DrawerFailed, match="key"):
        drawer.kick()

    assert drawer.opened == 1


def test_the_scanner_hands_over_codes_in_order_and_not_without_end() -> None:
    scanner = simulated.SimulatedScanner()

    taken = [scanner.point_at(str(number)) for number in range(simulated.MOST_CODES + 1)]

    assert taken == [True] * simulated.MOST_CODES + [False]
    assert [scanner.read(0.0), scanner.read(0.0)] == ["0", "1"]


def test_an_idle_or_unplugged_scanner_reads_nothing() -> None:
    scanner = simulated.SimulatedScanner()
    scanner.unplugged = True

    taken = scanner.point_at("5901234123457")

    assert (taken, scanner.read(0.001)) == (False, None)


def test_the_customer_display_cuts_to_its_width() -> None:
    display = simulated.SimulatedDisplay()

    display.show("Farmhouse bread 1 kg and more", "Total 4.20")

    assert display.lines == ("Farmhouse bread 1 kg", "Total 4.20")
    display.unplugged = True
    with pytest.raises(DisplayFailed):
        display.show("", "")


@pytest.mark.parametrize(("fault", "value"), [("unplugged", 1), ("moving", 1), ("grams", 4)])
def test_the_scale_gives_stable_kilograms_or_none(fault: str, value: int) -> None:
    scale = simulated.SimulatedScale(grams=1_234)
    assert scale.weigh() == Quantity(1_234, Unit.KILOGRAM)

    setattr(scale, fault, value)

    with pytest.raises(ScaleRefused):
        scale.weigh()


def test_sounds_are_remembered() -> None:
    sound = simulated.SimulatedSound()

    sound.play(Cue.GOOD)
    sound.play(Cue.BAD_CODE)

    assert list(sound.played) == [Cue.GOOD, Cue.BAD_CODE]


def test_the_reader_knows_pulses_bars_and_every_cut() -> None:
    bars = b"\x1dk\x49\x06{BA{{1"

    items = read_job(b"\x1bp\x00\x19\xfa\x1bp\x31\x32\xfa" + bars + b"\x1dV\x00\x1dV\x42\x00")

    assert items == (
        Pulse(pin=2, on_ms=50, off_ms=500),
        Pulse(pin=5, on_ms=100, off_ms=500),
        Bars("A{1", 162, 3),
        Cut(partial=False),
        Cut(partial=True),
    )


def test_a_reset_takes_back_style_and_code_page() -> None:
    items = read_job(b"\x1b!\x38\x1bt\x12\x9c\n\x1b@\x9c\n")

    assert items == (
        TextLine("ť", big=True, bold=True, pages=("cp852",)),
        TextLine("£", pages=("cp437",)),
    )


def test_paper_shows_wide_letters_wide_and_a_pulse_not_at_all() -> None:
    paper = plain_text(b"\x1ba\x01\x1b!\x30AB\n\x1bp\x00\x19\xfa\x1dV\x01", 12)

    assert paper == "    A B\n\n- - - - - -"


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (b"Tea", "not followed by a line feed"),
        (b"\x1b", "ends in the middle"),
        (b"\x1bp\x00", "ends in the middle"),
        (b"\x1bQ", "is not known"),
        (b"\x07", "control character 0x07"),
        (b"\x1bt\xff", "is not one of"),
        (b"\x1dV\x09", "is not one of"),
        (b"\x1dk\x04123\x00", "is not one of"),
        (b"\x1dk\x49\x03123", "does not choose code set B"),
        (b"\x1dw\x09", "is not one of"),
    ],
)
def test_what_a_printer_would_misprint_is_refused_with_its_place(job: bytes, words: str) -> None:
    with pytest.raises(UnreadableJob, match=words) as raised:
        read_job(job)

    assert str(raised.value).startswith("Byte ")
