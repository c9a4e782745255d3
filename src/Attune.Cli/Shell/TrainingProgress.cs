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
    private const double Smoothing = 0.05;
    private const int PlainLines = 10;

    private readonly TextWriter _output;
    private readonly string _what;
    private readonly StatusLine? _line;
    private double _loss = double.NaN;
    private double _secondsPerStep = double.NaN;
    private double _tokensPerSecond = double.NaN;

    /// <summary>Watches one training.</summary>
    /// <param name="output">Where the lines go.</param>
    /// <param name="what">What is trained.</param>
    /// <param name="terminal">Whether a line can be drawn anew.</param>
    /// <param name="clock">The clock.</param>
    public TrainingProgress(TextWriter output, string what, bool terminal, TimeProvider? clock = null)
    {
        (_output, _what) = (output, what);
        _line = terminal ? new StatusLine(output, clock ?? TimeProvider.System) : null;
    }

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
        StepReport now = step;
        if (_line is not null)
            _line.Draw(_what, step.Step, step.Steps, () => Figures(now));
        else if (step.Step == step.Steps || step.Step % Math.Max(1, step.Steps / PlainLines) == 0)
            Print($"{_what}: {step.Step:N0}/{step.Steps:N0}  {Figures(step)}");
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
    public void Finished(TrainingResult result) => _line?.Erase();

    /// <inheritdoc/>
    public void Failed(Exception failure) => _line?.Erase();

    private string Figures(in StepReport step)
    {
        string left = StatusLine.Left(TimeSpan.FromSeconds(_secondsPerStep * (step.Steps - step.Step)));
        return string.Create(CultureInfo.InvariantCulture, $"loss {_loss:F4}  {_tokensPerSecond:N0} tokens/s  {left}");
    }

    private void Print(FormattableString text) => Print(text.ToString(CultureInfo.InvariantCulture));

    private void Print(string text)
    {
        _line?.Erase();
        _output.WriteLine(text);
    }

    private static double Average(double average, double value) =>
        double.IsNaN(average) ? value : average + Smoothing * (value - average);
}
