using System.Globalization;
using Attune.Training;
using Attune.Training.Tracking;

namespace Attune.Cli.Shell;

/// <summary>
/// Shows how a training goes: one line that is drawn anew on a terminal, a line now and then elsewhere. Loss, speed and the time that
/// is left are averages over the last updates.
/// </summary>
internal sealed class TrainingProgress : ITrainingObserver
{
    private const int BarWidth = 24;
    private const double Smoothing = 0.05;
    private const int PlainLines = 10;
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(120);

    private readonly TextWriter _output;
    private readonly string _what;
    private readonly bool _terminal;
    private readonly TimeProvider _clock;
    private long _drawn;
    private double _loss = double.NaN;
    private double _secondsPerStep = double.NaN;
    private double _tokensPerSecond = double.NaN;
    private int _width;

    /// <summary>Watches one training.</summary>
    /// <param name="output">Where the lines go.</param>
    /// <param name="what">What is trained.</param>
    /// <param name="terminal">Whether the line can be drawn anew.</param>
    /// <param name="clock">The clock.</param>
    public TrainingProgress(TextWriter output, string what, bool terminal, TimeProvider? clock = null)
    {
        (_output, _what, _terminal, _clock) = (output, what, terminal, clock ?? TimeProvider.System);
        _drawn = _clock.GetTimestamp();
    }

    /// <summary>Whether the standard error stream is a terminal.</summary>
    public static bool OnTerminal => !Console.IsErrorRedirected;

    /// <inheritdoc/>
    public void Started(TrainingStart start)
    {
        if (start.State.Step > 0)
            Print($"{_what}: going on from update {start.State.Step:N0}");
    }

    /// <inheritdoc/>
    public void Stepped(in StepReport step)
    {
        double seconds = Math.Max(step.Time.TotalSeconds, 1e-9);
        _loss = Average(_loss, step.Loss);
        _secondsPerStep = Average(_secondsPerStep, seconds);
        _tokensPerSecond = Average(_tokensPerSecond, step.Tokens / seconds);
        if (_terminal)
        {
            if (_clock.GetElapsedTime(_drawn) < RedrawInterval && step.Step < step.Steps)
                return;
            _drawn = _clock.GetTimestamp();
            Draw(step);
        }
        else if (step.Step == step.Steps || step.Step % Math.Max(1, step.Steps / PlainLines) == 0)
        {
            Print($"{_what}: {step.Step:N0}/{step.Steps:N0}  {Figures(step)}");
        }
    }

    /// <inheritdoc/>
    public void Evaluated(long step, EvaluationResult result, bool best)
    {
        string figures = string.Join("  ", result.Figures.Take(1).Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Value:F4}")));
        Print(string.Create(CultureInfo.InvariantCulture, $"{_what}: after {step:N0} updates, validation loss {result.Loss:F4}  {figures}").TrimEnd());
    }

    /// <inheritdoc/>
    public void Warned(string message) => Print("attune: warning: " + message);

    /// <inheritdoc/>
    public void Finished(TrainingResult result) => Erase();

    /// <inheritdoc/>
    public void Failed(Exception failure) => Erase();

    private void Draw(in StepReport step)
    {
        int filled = (int)(BarWidth * step.Step / step.Steps);
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"{_what}  {new string('━', filled)}{new string('·', BarWidth - filled)}  {step.Step:N0}/{step.Steps:N0}  {Figures(step)}");
        line = line.Length < TerminalWidth ? line : line[..TerminalWidth];
        _output.Write('\r' + line.PadRight(_width));
        _output.Flush();
        _width = line.Length;
    }

    private string Figures(in StepReport step)
    {
        TimeSpan left = TimeSpan.FromSeconds(_secondsPerStep * (step.Steps - step.Step));
        string time = left.TotalHours >= 1 ? left.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) : left.ToString(@"m\:ss", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"loss {_loss:F4}  {_tokensPerSecond:N0} tokens/s  {time} left");
    }

    private void Print(FormattableString text) => Print(text.ToString(CultureInfo.InvariantCulture));

    private void Print(string text)
    {
        Erase();
        _output.WriteLine(text);
    }

    private void Erase()
    {
        if (_width > 0)
            _output.Write('\r' + new string(' ', _width) + '\r');
        _width = 0;
    }

    private static int TerminalWidth => Math.Max(20, Console.BufferWidth - 1);

    private static double Average(double average, double value) =>
        double.IsNaN(average) ? value : average + Smoothing * (value - average);
}
