using System.Globalization;
using System.Xml.Linq;
using Attune.Reports;
using Xunit;

namespace Attune.Tests.Reports;

/// <summary>What a plot shows can be read: labels neither lie over each other nor over the ticks.</summary>
public sealed class LinePlotTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(6, 0)]
    [InlineData(6, 1)]
    [InlineData(16, 0.5)]
    public void Labels_of_curves_that_end_together_stand_apart_and_above_the_ticks(int curves, double end)
    {
        PlotSeries[] series = [.. Enumerable.Range(0, curves).Select(i => new PlotSeries($"curve {i}", [(0, 0), (50, 1), (100, end)]))];
        XElement svg = Plot(series);
        double[] labels = [.. Places(svg, "key").Select(place => place.Y).Order()];
        double ticks = Places(svg, "label").Where(place => place.Text == "100").Min(place => place.Y);
        Assert.Equal(curves, labels.Length);
        Assert.All(labels.Zip(labels.Skip(1)), pair => Assert.True(pair.Second - pair.First > 13, $"{pair}"));
        // The letters of both are twelve high; a tick's stand on its place.
        Assert.True(ticks - labels[^1] >= 20, $"the last label is at {labels[^1]}, the ticks at {ticks}");
        Assert.True(labels[0] > 20);
    }

    [Fact]
    public void Ticks_of_an_axis_are_all_in_thousands_or_none_is()
    {
        XElement svg = Plot(new PlotSeries("loss", [(0, 3), (25_000, 1)]));
        Assert.Equal(["0", "5k", "10k", "15k", "20k", "25k"], Places(svg, "label").Where(place => place.Text.Length > 0 && char.IsAsciiDigit(place.Text[0]))
            .GroupBy(place => place.Y).Single(row => row.Count() > 1).OrderBy(place => place.X).Select(place => place.Text));
    }

    [Fact]
    public void Long_names_are_given_room()
    {
        string name = new('n', 30);
        (double x, _, _) = Places(Plot(new PlotSeries(name, [(0, 0), (1, 1)])), "key").Single();
        Assert.True(x + (7 * name.Length) <= 760);
    }

    private static XElement Plot(params PlotSeries[] series) => XElement.Parse(new LinePlot("updates", "loss", series).ToSvg());

    private static IEnumerable<(double X, double Y, string Text)> Places(XElement svg, string kind) => svg.Elements("text")
        .Where(text => text.Attribute("class")!.Value == kind)
        .Select(text => (Number(text, "x"), Number(text, "y"), text.Value));

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
