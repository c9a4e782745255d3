using Attune.Training;
using Attune.Training.Tracking;

namespace Attune.Quickstart;

/// <summary>Remembers the evaluations of a run and how fast it read.</summary>
internal sealed class LossCurve : ITrainingObserver
{
    // The first updates compile kernels and fill the arena; they would slow the figure that people compare.
    private const int WarmupSteps = 5;

    private readonly List<(long Step, double Loss)> _points = [];
    private long _tokens;
    private double _seconds;
    private int _seen;

    public IReadOnlyList<(long Step, double Loss)> Points => _points;

    public IReadOnlyList<(long Step, double Figure)> Figures { get; private set; } = [];

    public double TokensPerSecond => _seconds > 0 ? _tokens / _seconds : 0;

    public void Stepped(in StepReport step)
    {
        if (_seen++ < WarmupSteps)
            return;
        _tokens += step.Tokens;
        _seconds += step.Time.TotalSeconds;
    }

    public void Evaluated(long step, EvaluationResult result, bool best)
    {
        _points.Add((step, result.Loss));
        Figures = [.. Figures, (step, result.Watched)];
    }

    /// <summary>A run that was resumed at its end evaluates nothing on the way; its result still counts.</summary>
    public void Finished(TrainingResult result)
    {
        if (result.Evaluation is { } evaluation && (_points.Count == 0 || _points[^1].Step != result.State.Step))
            Evaluated(result.State.Step, evaluation, best: false);
    }
}
