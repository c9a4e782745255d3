using System.Globalization;

namespace Attune.Cli.Shell;

/// <summary>One line of a terminal that is drawn anew, with a bar and the time that is left.</summary>
/// <param name="output">The terminal.</param>
/// <param name="clock">The clock.</param>
internal sealed class StatusLine(TextWriter output, TimeProvider clock)
{
    private const int BarWidth = 24;
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(120);

    private long _drawn = clock.GetTimestamp();
    private int _width;

    /// <summary>Whether the standard error stream is a terminal.</summary>
    public static bool OnTerminal => !Console.IsErrorRedirected;

    /// <summary>Draws the line, unless it was drawn a moment ago and is not the last.</summary>
    /// <param name="what">What goes on.</param>
    /// <param name="done">How much of it is done.</param>
    /// <param name="total">How much there is.</param>
    /// <param name="figures">What stands behind the bar; asked only when the line is drawn.</param>
    public void Draw(string what, long done, long total, Func<string> figures)
    {
        if (clock.GetElapsedTime(_drawn) < RedrawInterval && done < total)
            return;
        int filled = (int)(BarWidth * done / Math.Max(1, total));
        Draw(string.Create(
            CultureInfo.InvariantCulture, $"{what}  {new string('━', filled)}{new string('·', BarWidth - filled)}  {done:N0}/{total:N0}  {figures()}"));
    }

    /// <summary>Draws a line without a bar, where nobody knows how much there is, unless it was drawn a moment ago.</summary>
    public void Draw(Func<string> line)
    {
        if (clock.GetElapsedTime(_drawn) >= RedrawInterval)
            Draw(line());
    }

    /// <summary>Takes the line away.</summary>
    public void Erase()
    {
        if (_width > 0)
            output.Write('\r' + new string(' ', _width) + '\r');
        _width = 0;
    }

    /// <summary>A time that is left: hours only where there are any.</summary>
    public static string Left(TimeSpan time) => time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture) + " left";

    private void Draw(string line)
    {
        _drawn = clock.GetTimestamp();
        line = line.Length < TerminalWidth ? line : line[..TerminalWidth];
        output.Write('\r' + line.PadRight(_width));
        output.Flush();
        _width = line.Length;
    }

    private static int TerminalWidth => Math.Max(20, Console.BufferWidth - 1);
}
