using System.Globalization;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>
/// The layers of a Feedback Transformer (Fan et al. 2020, arXiv:2002.09402). All of them run on one step before the next begins: what a step
/// leaves behind is a learned mixture of the states of all layers, which every layer of the later steps can read.
/// </summary>
public sealed class FeedbackStack : Module
{
    private readonly FeedbackShape _shape;
    private readonly FeedbackLayer[] _layers;
    private readonly Parameter _mixture;
    private Parameter? _positions;
    private readonly Norm? _norm;

    /// <summary>Declares the layers.</summary>
    public FeedbackStack(FeedbackShape shape)
    {
        _shape = shape;
        _layers = new FeedbackLayer[shape.Layers];
        for (int i = 0; i < _layers.Length; i++)
            _layers[i] = Own(i.ToString(CultureInfo.InvariantCulture), new FeedbackLayer(shape, i == 0 ? null : _layers[0]));
        _positions = Own("positions", [1, shape.HeadWidth, shape.Span], Initializer.Normal(1), ParameterRole.Position);
        _mixture = Own("mixture", [1, shape.Layers + 1], Initializer.Zeros, ParameterRole.Scale);
        // The reference saves it; nothing reads it.
        Own("mixtureBuffer", [1, shape.Layers + 1], Initializer.Zeros, ParameterRole.Buffer);
        if (shape.PreNorm)
            _norm = Own("norm", new Norm(shape.Width, shape.Epsilon));
    }

    /// <summary>The shape.</summary>
    public FeedbackShape Shape => _shape;

    /// <summary>Puts other mixers in the places of attention. The vectors of places, which all heads share, go with it.</summary>
    public void ReplaceMixers(MixerReplacement replacement)
    {
        foreach (FeedbackLayer layer in _layers)
            layer.ReplaceMixer(replacement);
        _positions = null;
        Remove("positions");
    }

    /// <summary>What the layers add to the loss together; null if nothing.</summary>
    public Tensor? Cost(Tape tape)
    {
        Tensor[] costs = [.. _layers.Select(layer => layer.Cost(tape)).OfType<Tensor>()];
        return costs.Length == 0 ? null : costs.Aggregate(tape.Add);
    }

    /// <summary>Runs all steps of rows <c>[rows, width]</c>.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The rows.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="memory">What is remembered of earlier steps; afterwards also of these.</param>
    public Tensor Forward(Pass pass, Tensor x, Segments segments, FeedbackMemory memory) => Forward(pass, x, segments, memory, [], []);

    /// <summary>Runs steps that may begin in the middle of a block.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The rows.</param>
    /// <param name="segments">The sequences.</param>
    /// <param name="memory">What is remembered of the steps before the block.</param>
    /// <param name="begun">What the block's steps so far have left behind: for each step an entry of each memory that is read.</param>
    /// <param name="left">What the new steps leave behind, in the same form.</param>
    internal Tensor Forward(
        Pass pass, Tensor x, Segments segments, FeedbackMemory memory, IReadOnlyList<Tensor[]> begun, List<Tensor[]> left)
    {
        Tape tape = pass.Tape;
        var outputs = new Tensor[segments.MaxLength];
        int[] places = new int[segments.Rows];
        int written = 0;
        for (int start = 0, end; start < segments.MaxLength; start = end)
        {
            end = Math.Min(start + _shape.BlockSize - (start == 0 ? begun.Count : 0), segments.MaxLength);
            var block = new FeedbackBlock(_shape, _layers, Window(tape), tape, Active(segments, start), memory);
            for (int step = 0; start == 0 && step < begun.Count; step++)
                block.Keep(tape, begun[step]);
            for (int step = start; step < end; step++)
            {
                int[] active = Active(segments, step), rows = [.. active.Select(s => segments.Start(s) + step)];
                Tensor[] states = block.Step(pass, tape.GatherRows(x, rows), active);
                Tensor[] entries = _shape.Feedback ? [Mixed(tape, states)] : states[.._shape.ReadMemories];
                block.Keep(tape, entries);
                left.Add(entries);
                outputs[step] = states[^1];
                foreach (int row in rows)
                    places[row] = written++;
            }
            block.SaveTo(memory, tape);
        }
        Tensor all = tape.GatherRows(tape.Concat(0, outputs), places);
        return _norm?.Forward(tape, all) ?? all;
    }

    /// <summary>What a block leaves behind, <c>[entries, width]</c>, as the first layer that reads it sees it: in this form it is remembered.</summary>
    internal Tensor AsRead(Tape tape, int memory, Tensor entries) => _layers[memory].Read(tape, entries);

    private static int[] Active(Segments segments, int step) =>
        [.. Enumerable.Range(0, segments.Count).Where(s => segments.Length(s) > step)];

    // The mixture of the embedding and of every layer's output, [sequences, width].
    private Tensor Mixed(Tape tape, Tensor[] states)
    {
        Tensor mixed = tape.MatMul(tape.Softmax(_mixture.Value), tape.Stack(1, states));
        return mixed.Reshape([states[0].Shape[0], _shape.Width]);
    }

    // One vector a place of the window, the same for all heads: [span, all heads].
    private Tensor? Window(Tape tape)
    {
        if (_positions is null)
            return null;
        Tensor places = tape.Transpose(_positions.Value.Reshape([_shape.HeadWidth, _shape.Span]));
        var copies = new Tensor[_shape.Heads];
        Array.Fill(copies, places);
        return tape.Concat(1, copies);
    }
}
