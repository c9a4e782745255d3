using System.Globalization;
using System.Net;
using System.Text;

namespace Attune.Reports;

/// <summary>A line of a plot.</summary>
/// <param name="Name">Shown beside its end.</param>
/// <param name="Points">From left to right; points that are not finite are left out.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>A level rather than a curve: drawn dashed across the whole plot.</summary>
    public static PlotSeries Level(string name, double y) => new(name, [(double.NegativeInfinity, y), (double.PositiveInfinity, y)]);

    internal bool IsLevel => Points.Count == 2 && double.IsNegativeInfinity(Points[0].X);
}

/// <summary>Curves over a common axis as SVG, with round ticks, grid lines and direct labels.</summary>
/// <param name="xLabel">What runs to the right.</param>
/// <param name="yLabel">What runs upwards.</param>
/// <param name="series">The curves.</param>
public sealed class LinePlot(string xLabel, string yLabel, params IReadOnlyList<PlotSeries> series)
{
    private const double Width = 760, Height = 340, Left = 64, Top = 30, Bottom = 48;

    // Labels keep clear of the ticks below, whose last stands under the corner of the plot.
    private const double LabelDistance = 17, LabelClearance = 8;
    private const double LeastRight = 90, MostRight = 300, KeyCharacter = 7;

    /// <summary>The room for labels: as much as the longest name takes.</summary>
    private double Right => Math.Clamp(34 + (KeyCharacter * series.Select(s => s.Name.Length).DefaultIfEmpty().Max()), LeastRight, MostRight);

    // Told apart by colour-blind readers, and on light and dark paper (Okabe and Ito 2008).
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

    /// <summary>The plot as an SVG element.</summary>
    public string ToSvg()
    {
        (double X, double Y)[] points = [.. series.Where(s => !s.IsLevel).SelectMany(s => s.Points).Where(IsFinite)];
        if (points.Length == 0)
            return "<p class=\"note\">There is nothing to plot.</p>";
        double[] levels = [.. series.Where(s => s.IsLevel).Select(s => s.Points[0].Y).Where(double.IsFinite)];
        // Curves end where their labels stand, so that axis ends with them; the other ends on a round number.
        Axis x = Axis.Covering(points.Min(p => p.X), points.Max(p => p.X));
        if (points.Max(p => p.X) is var last && last > x.From)
            x = x with { To = last };
        Axis y = Axis.Covering(points.Select(p => p.Y).Concat(levels).Min(), points.Select(p => p.Y).Concat(levels).Max());
        double PlaceX(double value) => Left + (value - x.From) / (x.To - x.From) * (Width - Left - Right);
        double PlaceY(double value) => Height - Bottom - (value - y.From) / (y.To - y.From) * (Height - Top - Bottom);

        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(yLabel)} by {WebUtility.HtmlEncode(xLabel)}\">");
        foreach (double tick in y.Ticks)
        {
            Line(svg, Left, PlaceY(tick), Width - Right, PlaceY(tick));
            Text(svg, Left - 8, PlaceY(tick) + 4, "label", "end", y.Name(tick));
        }
        foreach (double tick in x.Ticks)
        {
            Line(svg, PlaceX(tick), Height - Bottom, PlaceX(tick), Height - Bottom + 4);
            Text(svg, PlaceX(tick), Height - Bottom + 18, "label", "middle", x.Name(tick));
        }
        Text(svg, (Left + Width - Right) / 2, Height - 8, "label", "middle", xLabel);
        Text(svg, Left, Top - 12, "label", "start", yLabel);

        List<(double Y, string Name, string Colour)> labels = [];
        for (int i = 0; i < series.Count; i++)
        {
            string colour = Colours[i % Colours.Length];
            (double X, double Y)[] curve = series[i].IsLevel
                ? [(x.From, series[i].Points[0].Y), (x.To, series[i].Points[0].Y)]
                : [.. series[i].Points.Where(IsFinite)];
            if (curve.Length == 0 || !double.IsFinite(curve[0].Y))
                continue;
            string path = string.Join(' ', curve.Select(p => string.Create(CultureInfo.InvariantCulture, $"{PlaceX(p.X):0.#},{PlaceY(p.Y):0.#}")));
            string dash = series[i].IsLevel ? " stroke-dasharray=\"5 4\"" : "";
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash}/>");
            labels.Add((PlaceY(curve[^1].Y), series[i].Name, colour));
        }
        labels.Sort((one, other) => one.Y.CompareTo(other.Y));
        double[] places = Spread([.. labels.Select(label => label.Y)], Top, Height - Bottom - LabelClearance);
        foreach ((int i, (double end, string name, string colour)) in labels.Index())
        {
            // A thin lead from the curve's end to a label that had to give way.
            svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{Width - Right:0.#},{end:0.#} {Width - Right + 12:0.#},{places[i]:0.#}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\" opacity=\"0.6\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{Width - Right + 12:0.#}\" cy=\"{places[i]:0.#}\" r=\"4\" fill=\"{colour}\"/>");
            Text(svg, Width - Right + 21, places[i] + 4, "key", "start", name);
        }
        return svg.Append("</svg>").ToString();
    }

    /// <summary>Moves places apart, downwards and where there is no room left upwards again, so that all lie between two bounds.</summary>
    /// <param name="wanted">The places, in order.</param>
    /// <param name="least">The first that may be taken.</param>
    /// <param name="most">The last that may be taken.</param>
    private static double[] Spread(double[] wanted, double least, double most)
    {
        double distance = Math.Min(LabelDistance, (most - least) / Math.Max(1, wanted.Length - 1));
        double[] places = new double[wanted.Length];
        for (int i = 0; i < places.Length; i++)
            places[i] = Math.Max(wanted[i], i == 0 ? least : places[i - 1] + distance);
        for (int i = places.Length - 1; i >= 0; i--)
            places[i] = Math.Min(places[i], i == places.Length - 1 ? most : places[i + 1] - distance);
        return places;
    }

    private static bool IsFinite((double X, double Y) point) => double.IsFinite(point.X) && double.IsFinite(point.Y);

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2) => svg.Append(
        CultureInfo.InvariantCulture, $"<line class=\"axis\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>");

    private static void Text(StringBuilder svg, double x, double y, string kind, string anchor, string text) => svg.Append(
        CultureInfo.InvariantCulture, $"<text class=\"{kind}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(text)}</text>");

    /// <summary>A range with ticks on round numbers.</summary>
    private sealed record Axis(double From, double To, double Step)
    {
        private const int AboutTicks = 5;

        public IEnumerable<double> Ticks
        {
            get
            {
                for (int i = 0; From + i * Step <= To + Step * 1e-6; i++)
                    yield return From + i * Step;
            }
        }

        public static Axis Covering(double least, double most)
        {
            if (most <= least)
                (least, most) = (least - Math.Max(0.5, Math.Abs(least) * 0.1), most + Math.Max(0.5, Math.Abs(most) * 0.1));
            double rough = (most - least) / AboutTicks;
            double power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            double step = power * ((rough / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
            return new Axis(Math.Floor(least / step) * step, Math.Ceiling(most / step) * step, step);
        }

        public string Name(double tick) => tick != 0 && Math.Max(Math.Abs(From), Math.Abs(To)) >= 10_000
            ? (tick / 1000).ToString("0.###", CultureInfo.InvariantCulture) + "k"
            : tick.ToString("0.####", CultureInfo.InvariantCulture);
    }
}
