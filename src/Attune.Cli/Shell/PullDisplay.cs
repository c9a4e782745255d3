using System.Globalization;
using Attune.Hub;

namespace Attune.Cli.Shell;

/// <summary>Shows how far a fetch is: a bar on a terminal, a line for each file elsewhere.</summary>
/// <param name="error">Where it is shown.</param>
/// <param name="clock">The clock.</param>
internal sealed class PullDisplay(TextWriter error, TimeProvider clock) : IProgress<PullProgress>
{
    private readonly StatusLine? _line = StatusLine.OnTerminal ? new StatusLine(error, clock) : null;
    private readonly long _begun = clock.GetTimestamp();
    private long? _first;
    private string _file = "";

    /// <inheritdoc/>
    public void Report(PullProgress value)
    {
        _first ??= value.Done;
        if (_line is not null)
            _line.Draw(value.File, value.Done / 1000, value.Total / 1000, () => Figures(value));
        else if (value.File != _file)
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.File}  ({value.Done / 1e6:N1} of {value.Total / 1e6:N1} MB so far)"));
        _file = value.File;
    }

    /// <summary>Takes the bar away.</summary>
    public void End() => _line?.Erase();

    private string Figures(PullProgress value)
    {
        double speed = (value.Done - _first!.Value) / Math.Max(0.001, clock.GetElapsedTime(_begun).TotalSeconds);
        string left = speed > 0 ? StatusLine.Left(TimeSpan.FromSeconds(Math.Min(359999, (value.Total - value.Done) / speed))) : "";
        return string.Create(CultureInfo.InvariantCulture, $"kB  {speed / 1e6:N1} MB/s  {left}");
    }
}
