using Attune.Nn.Contracts;

namespace Attune.Training.Batches;

/// <summary>
/// Where batches come from. A batch is a pure function of its step and its place in it, so that a resumed run goes on at once,
/// without reading again what came before.
/// </summary>
/// <remarks>Used by one thread.</remarks>
public interface IBatchSource
{
    /// <summary>The number of batches whose gradients are added up for one update (1: no accumulation).</summary>
    int BatchesPerStep { get; }

    /// <summary>Makes a batch. The caller gives its memory back with <see cref="Batch.Release"/>.</summary>
    /// <param name="step">The number of updates made before, from 0.</param>
    /// <param name="part">Which of the step's batches, from 0.</param>
    Batch Read(long step, int part);

    /// <summary>Says which examples a batch is made of, for error messages.</summary>
    string Describe(long step, int part);

    /// <summary>What must be the same for a run to be continued: the data's size, batch sizes, seed.</summary>
    string Identity { get; }

    /// <summary>What the examples are made of, each with a digest of its content: a run is not continued with others unless that is asked for.</summary>
    IReadOnlyList<Setting> Origins => [];
}

/// <summary>The batches of an evaluation: the same ones every time.</summary>
/// <remarks>Used by one thread.</remarks>
public interface IEvaluationSource
{
    /// <summary>The number of batches.</summary>
    int Count { get; }

    /// <summary>Makes a batch. The caller gives its memory back with <see cref="Batch.Release"/>.</summary>
    Batch Read(int index);
}
