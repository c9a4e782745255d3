namespace Attune.Cli.Shell;

/// <summary>
/// Progress on standard error: on a terminal one line that is written over and over, elsewhere now and then a line of its own, so that
/// logs stay short.
/// </summary>
/// <param name="error">Where it goes.</param>
/// <param name="isTerminal">Whether a person is watching.</param>
/// <param name="clock">Says when the next line is due.</param>
internal sealed class LiveLine(TextWriter error, bool isTerminal, TimeProvider clock)
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private long? shown;
    private int width;

    /// <summary>A line over the standard error of this process.</summary>
    public static LiveLine Of(Invocation invocation) => new(invocation.Error, !Console.IsErrorRedirected, TimeProvider.System);

    /// <summary>Shows where things are, if it is time to.</summary>
    public void Update(Func<string> text)
    {
        var interval = isTerminal ? TerminalInterval : LogInterval;
        if (shown is { } last && clock.GetElapsedTime(last) < interval)
            return;
        shown = clock.GetTimestamp();
        var line = text();
        if (!isTerminal)
        {
            error.WriteLine(line);
            return;
        }

        line = Fitted(line);
        error.Write('\r' + line.PadRight(width));
        width = line.Length;
    }

    /// <summary>Writes a line that stays.</summary>
    public void Write(string line)
    {
        Clear();
        error.WriteLine(line);
    }

    /// <summary>Removes what was shown last.</summary>
    public void Clear()
    {
        if (width == 0)
            return;
        error.Write('\r' + new string(' ', width) + '\r');
        width = 0;
    }

    private static string Fitted(string line)
    {
        // A line that wraps cannot be written over. Some terminals do not tell how wide they are.
        var columns = Console.IsErrorRedirected ? 0 : Console.WindowWidth;
        return columns > 1 && line.Length >= columns ? line[..(columns - 1)] : line;
    }
}
