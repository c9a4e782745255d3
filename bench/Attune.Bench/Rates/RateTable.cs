using System.Globalization;

namespace Attune.Bench.Rates;

/// <summary>Several sides that take turns, and their rates beside the first one's.</summary>
/// <param name="figure">The figure that is compared, a rate: more is better.</param>
/// <param name="unit">Its unit, for the heading.</param>
/// <param name="sides">Those that are compared.</param>
internal sealed class RateTable(string figure, string unit, IReadOnlyList<Side> sides)
{
    private readonly Side[] _peers = [.. sides.Where(side => !side.IsOurs)];

    /// <summary>Every side takes its turn, so many times.</summary>
    /// <param name="turns">How many times.</param>
    /// <param name="rest">What the machine is left alone for after each turn.</param>
    public void Run(int turns, TimeSpan rest)
    {
        for (int turn = 0; turn < turns; turn++)
        {
            foreach (Side side in sides)
            {
                side.TakeTurn();
                Thread.Sleep(rest);
            }
        }
    }

    /// <summary>The table in Markdown: rates, and ours over each of the others' in the same round.</summary>
    /// <param name="further">Further columns: their heading, and their cell for a side.</param>
    public void Print(params IReadOnlyList<(string Heading, Func<Side, string> Cell)> further)
    {
        string[] headings = ["side", "threads", $"{unit} (min-max)", .. _peers.Select(peer => $"/ {peer.Name}"), .. further.Select(column => column.Heading)];
        Console.WriteLine($"| {string.Join(" | ", headings)} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", headings.Length - 1))}");
        foreach (Side side in sides)
        {
            string[] cells =
            [
                side.Name, Text($"{side.Threads}"), Spread(side.Figures(figure)),
                .. _peers.Select(peer => side.IsOurs ? Spread([.. side.Figures(figure).Zip(peer.Figures(figure), (a, b) => a / b)]) : ""),
                .. further.Select(column => column.Cell(side)),
            ];
            Console.WriteLine($"| {string.Join(" | ", cells)} |");
        }
    }

    /// <summary>Every turn, a line of JSON for each side.</summary>
    /// <param name="json">Where to; null for nowhere.</param>
    public void Write(TextWriter? json)
    {
        foreach (Side side in sides)
            json?.WriteLine(JsonLine.Of(("side", side.Name), ("threads", side.Threads), ("turns", side.Turns)));
        json?.Flush();
    }

    /// <summary>The median, and the least and the largest in brackets.</summary>
    public static string Spread(IReadOnlyList<double> figures) =>
        Text($"{Digits(Median(figures))} ({Digits(figures.Min())}-{Digits(figures.Max())})");

    /// <summary>The median.</summary>
    public static double Median(IReadOnlyList<double> figures) => figures.Order().ElementAt(figures.Count / 2);

    private static string Digits(double figure) => figure.ToString(figure >= 100 ? "F0" : "F2", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
