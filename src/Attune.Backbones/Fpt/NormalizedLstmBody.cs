using System.Globalization;
using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Fpt;

/// <summary>
/// The recurrent baseline of frozen transformers: layers of LSTM with norms over both sums of gates and over the cell, whose normalised value is
/// carried on. Sequences of one batch have the same length.
/// </summary>
internal sealed class NormalizedLstmBody : Module, ISequenceBackbone
{
    private readonly List<Layer> _layers = [];

    /// <summary>Declares the layers.</summary>
    public NormalizedLstmBody(JsonFields config, int width)
    {
        Width = width;
        float epsilon = config.Epsilon("layer_norm_epsilon", 1e-6f);
        int layers = config.Layers("num_layers");
        for (int i = 0; i < layers; i++)
            _layers.Add(Own(i.ToString(CultureInfo.InvariantCulture), new Layer(width, epsilon)));
    }

    /// <summary>The states that sequences begin with, <c>[sequences, width]</c> for each layer; null is zeros.</summary>
    public IReadOnlyList<(Tensor Hidden, Tensor Cell)>? Start { get; set; }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Causal | Capabilities.ReplaceableEmbeddings;

    /// <inheritdoc/>
    public int Width { get; }

    /// <inheritdoc/>
    public int? MaxLength => null;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The batch has no vectors, or its sequences differ in length.</exception>
    public BackboneOutput Forward(Pass pass, TokenBatch batch)
    {
        Tensor x = batch.Features ?? throw new ArgumentException("This body reads vectors; the batch has none.", nameof(batch));
        Segments segments = batch.Segments;
        if (segments.Rows != segments.Count * segments.MaxLength)
            throw new ArgumentException("This body reads sequences of one length; those of the batch differ.", nameof(batch));
        for (int i = 0; i < _layers.Count; i++)
        {
            (Tensor hidden, Tensor cell) = Start?[i] ?? (Tensor.Zeros([segments.Count, Width]), Tensor.Zeros([segments.Count, Width]));
            x = _layers[i].Forward(pass.Tape, x, hidden, cell, segments);
        }
        return new BackboneOutput { Hidden = x, Batch = batch };
    }

    private sealed class Layer : Module
    {
        private readonly int _width;
        private readonly Linear _input;
        private readonly Linear _hidden;
        private readonly UnbiasedNorm _inputNorm;
        private readonly UnbiasedNorm _hiddenNorm;
        private readonly UnbiasedNorm _cellNorm;

        public Layer(int width, float epsilon)
        {
            _width = width;
            Initializer uniform = Initializer.Uniform(1 / MathF.Sqrt(width));
            _input = Own("input", new Linear(width, 4 * width, uniform));
            _hidden = Own("hidden", new Linear(width, 4 * width, uniform));
            _inputNorm = Own("inputNorm", new UnbiasedNorm(4 * width, epsilon));
            _hiddenNorm = Own("hiddenNorm", new UnbiasedNorm(4 * width, epsilon));
            _cellNorm = Own("cellNorm", new UnbiasedNorm(width, epsilon));
        }

        public Tensor Forward(Tape tape, Tensor x, Tensor hidden, Tensor cell, Segments segments)
        {
            int sequences = segments.Count, length = segments.MaxLength;
            Tensor fromInput = _inputNorm.Forward(tape, _input.Forward(tape, x));
            var steps = new Tensor[length];
            for (int t = 0; t < length; t++)
            {
                int[] rows = [.. Enumerable.Range(0, sequences).Select(s => s * length + t)];
                Tensor gates = tape.Add(tape.GatherRows(fromInput, rows), _hiddenNorm.Forward(tape, _hidden.Forward(tape, hidden)));
                Tensor open = tape.Activate(tape.Slice(gates, 1, 0, 3 * _width), Activation.Sigmoid);
                Tensor candidate = tape.Activate(tape.Slice(gates, 1, 3 * _width, _width), Activation.Tanh);
                Tensor kept = tape.Multiply(tape.Slice(open, 1, _width, _width), cell);
                cell = _cellNorm.Forward(tape, tape.Add(kept, tape.Multiply(tape.Slice(open, 1, 0, _width), candidate)));
                hidden = tape.Multiply(tape.Slice(open, 1, 2 * _width, _width), tape.Activate(cell, Activation.Tanh));
                steps[t] = hidden;
            }
            int[] order = [.. Enumerable.Range(0, sequences * length).Select(row => row % length * sequences + row / length)];
            return tape.GatherRows(tape.Concat(0, steps), order);
        }
    }

    /// <summary>A layer norm that divides the variance by n - 1: the usual one with a smaller scale and epsilon.</summary>
    private sealed class UnbiasedNorm : Module
    {
        private readonly Parameter _scale;
        private readonly Parameter _shift;
        private readonly float _share;
        private readonly float _epsilon;

        public UnbiasedNorm(int width, float epsilon)
        {
            float share = (width - 1f) / width;
            (_share, _epsilon) = (MathF.Sqrt(share), epsilon * share);
            Initializer uniform = Initializer.Uniform(1 / MathF.Sqrt(width));
            _scale = Own("scale", [1, width], uniform, ParameterRole.NormScale);
            _shift = Own("shift", [1, width], uniform, ParameterRole.NormShift);
        }

        public Tensor Forward(Tape tape, Tensor x)
        {
            Shape width = [_scale.Shape[1]];
            return tape.LayerNorm(x, tape.Scale(_scale.Value.Reshape(width), _share), _shift.Value.Reshape(width), _epsilon);
        }
    }
}
