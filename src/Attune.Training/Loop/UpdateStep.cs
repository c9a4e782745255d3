using System.Globalization;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;
using Attune.Tensors.Random;
using Attune.Training.Batches;
using Attune.Training.Optimizers;

namespace Attune.Training;

/// <summary>One update: the batches of a step forward and backward, clipping, the optimizer.</summary>
internal sealed class UpdateStep(Model model, ILearnable learnable, IBatchSource batches, Optimizer optimizer, TrainerOptions options)
{
    private readonly Batch[] _parts = new Batch[batches.BatchesPerStep];
    private readonly RandomStream _random = new RandomStream(options.Seed).Stream("training");

    /// <summary>Where passes are run.</summary>
    public Tape Tape { get; } = new() { Precision = options.Precision };

    /// <summary>Makes an update.</summary>
    /// <param name="step">The updates made before.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="checkpoint">The last good checkpoint, to be named if this update fails.</param>
    /// <exception cref="TrainingException">A loss or the gradient is not finite; the weights are unchanged.</exception>
    public Outcome Run(long step, double rate, string? checkpoint)
    {
        // All parts are read first: what a part weighs in the mean over all labels follows from the labels of all of them.
        double labels = 0;
        for (int part = 0; part < _parts.Length; part++)
        {
            _parts[part] = batches.Read(step, part);
            labels += _parts[part].Weight;
        }

        optimizer.ClearGradients();
        double loss = 0;
        long tokens = 0, sequences = 0, examples = 0;
        for (int part = 0; part < _parts.Length; part++)
        {
            Batch batch = _parts[part];
            if (batch.Weight > 0)
                loss += Backward(batch, (float)(batch.Weight / labels), (tokens, sequences), step, part, checkpoint);
            tokens += batch.Tokens;
            sequences += batch.Sequences;
            examples += batch.Examples;
            batch.Release();
        }

        double norm = optimizer.GradientLength();
        if (!double.IsFinite(norm))
        {
            string all = string.Join("; ", Enumerable.Range(0, _parts.Length).Select(part => batches.Describe(step, part)));
            throw new TrainingException(Invariant($"the gradient's norm is {norm}"), step, all, checkpoint);
        }
        optimizer.Step(rate, options.MaxGradientNorm is { } limit ? GradientNorm.ClipScale(norm, limit) : 1);
        return new Outcome(loss, norm, tokens, examples);
    }

    private double Backward(Batch batch, float share, (long Rows, long Sequences) offset, long step, int part, string? checkpoint)
    {
        Tape.Begin(recording: true, training: true, _random.At(step));
        (Tape.RowOffset, Tape.SequenceOffset) = offset;
        Tensor loss = learnable.Loss(new Pass(Tape) { RecomputeBlocks = options.RecomputeBlocks }, model, batch);
        float value = loss.Item;
        if (!float.IsFinite(value))
            throw new TrainingException(Invariant($"the loss is {value}"), step, batches.Describe(step, part), checkpoint);
        Tape.Backward(loss, share);
        return value * share;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>What an update came to.</summary>
    internal readonly record struct Outcome(double Loss, double GradientNorm, long Tokens, long Examples);
}
