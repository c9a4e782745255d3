using Attune.Nn.Contracts;
using Attune.Tensors.Autograd;
using Attune.Training.Batches;

namespace Attune.Training;

/// <summary>What an evaluation found.</summary>
public sealed record EvaluationResult
{
    /// <summary>The mean loss over all labels; NaN if there were none.</summary>
    public required double Loss { get; init; }

    /// <summary>The number of labels.</summary>
    public required double Labels { get; init; }

    /// <summary>The number of tokens read.</summary>
    public required long Tokens { get; init; }

    /// <summary>The figures of a task, the main one first; empty for an objective.</summary>
    public required IReadOnlyList<(string Name, double Value)> Figures { get; init; }

    /// <summary>Whether more of <see cref="Watched"/> is better.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>The figure that early stopping and keeping the best go by: a task's main figure, an objective's loss.</summary>
    public double Watched => Figures.Count > 0 ? Figures[0].Value : Loss;

    /// <summary>The name of the loss among all figures.</summary>
    public const string LossName = "eval_loss";

    /// <summary>The loss, then all figures.</summary>
    public IEnumerable<(string Name, double Value)> AllFigures() => [(LossName, Loss), .. Figures];
}

/// <summary>How far an evaluation has come.</summary>
/// <param name="Done">The batches that are done.</param>
/// <param name="Total">The batches there are.</param>
public readonly record struct EvaluatedBatches(int Done, int Total);

/// <summary>Measures a model without training it.</summary>
public static class Evaluation
{
    /// <summary>Runs a model over the batches of a source.</summary>
    /// <param name="model">The model.</param>
    /// <param name="learnable">The objective or task that made the batches.</param>
    /// <param name="source">The batches.</param>
    /// <param name="tape">A tape whose memory may be used; null for one of its own.</param>
    /// <param name="progress">Told after each batch, on the calling thread.</param>
    /// <param name="cancellation">Ends the evaluation between two batches.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EvaluationResult Run(
        Model model, ILearnable learnable, IEvaluationSource source, Tape? tape = null, IProgress<EvaluatedBatches>? progress = null,
        CancellationToken cancellation = default)
    {
        tape ??= new Tape();
        var task = learnable as ITask;
        IMetrics? metrics = task?.NewMetrics();
        double loss = 0, labels = 0;
        long tokens = 0;
        for (int i = 0; i < source.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            Batch batch = source.Read(i);
            tape.Begin(recording: false);
            var pass = new Pass(tape);
            double mean = task is null ? learnable.Loss(pass, model, batch).Item : task.Score(pass, model, batch, metrics!);
            // A batch without labels has no mean loss, whatever number stands there.
            if (batch.Weight > 0)
                loss += mean * batch.Weight;
            labels += batch.Weight;
            tokens += batch.Tokens;
            batch.Release();
            progress?.Report(new EvaluatedBatches(i + 1, source.Count));
        }
        return new EvaluationResult
        {
            Loss = labels > 0 ? loss / labels : double.NaN,
            Labels = labels,
            Tokens = tokens,
            Figures = metrics?.Figures ?? [],
            HigherIsBetter = metrics?.HigherIsBetter ?? false,
        };
    }
}
