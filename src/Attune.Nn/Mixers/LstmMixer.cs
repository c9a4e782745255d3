using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>
/// Long short-term memory in place of self-attention (Hochreiter and Schmidhuber 1997): one direction where the future is hidden, two
/// side by side otherwise, then an output projection.
/// </summary>
public sealed class LstmMixer : Module, ISequenceMixer
{
    private readonly Direction _forward;
    private readonly Direction? _backward;
    private readonly Linear _output;

    /// <summary>Declares the parameters.</summary>
    /// <param name="width">The width of its input and output.</param>
    /// <param name="hidden">The width of the state of one direction.</param>
    /// <param name="bidirectional">Whether sequences are read from both ends.</param>
    public LstmMixer(int width, int hidden, bool bidirectional)
    {
        _forward = Own("forward", new Direction(width, hidden));
        if (bidirectional)
            _backward = Own("backward", new Direction(width, hidden));
        int inner = bidirectional ? 2 * hidden : hidden;
        _output = Own("output", new Linear(inner, width, Initializer.Glorot(inner, width)));
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Memory | (_backward is null ? Capabilities.Causal : Capabilities.Bidirectional);

    /// <inheritdoc/>
    public Tensor Mix(Pass pass, Tensor x, MixerContext context)
    {
        if (context.Memory is not null)
            return LeftContext.Mix(pass, x, context, reach: null, Mix);
        x = HiddenRows.Hide(pass.Tape, x, context.KeyMask);
        LstmResult ahead;
        if (context.State is KeyValueCache cache)
        {
            CachedState state = cache.State(pass.Tape, context.Block, context.Segments);
            ahead = pass.Tape.Lstm(x, _forward.Weights, context.Segments, state.Latest?.Hidden, state.Latest?.Cell);
            state.Keep(ahead.Hidden, ahead.Cell);
        }
        else
        {
            ahead = pass.Tape.Lstm(x, _forward.Weights, context.Segments);
        }
        if (_backward is null)
            return _output.Forward(pass.Tape, ahead.Output);
        LstmResult back = pass.Tape.Lstm(x, _backward.Weights, context.Segments, reverse: true);
        return _output.Forward(pass.Tape, pass.Tape.Concat(1, ahead.Output, back.Output));
    }

    private sealed class Direction : Module
    {
        private readonly Parameter _input;
        private readonly Parameter _hidden;
        private readonly Parameter _bias;

        public Direction(int width, int hidden)
        {
            Initializer uniform = Initializer.Uniform(1 / MathF.Sqrt(hidden));
            _input = Own("input", [4 * hidden, width], uniform, ParameterRole.Weight);
            _hidden = Own("hidden", [4 * hidden, hidden], uniform, ParameterRole.Weight);
            _bias = Own("bias", [4 * hidden], uniform, ParameterRole.Bias);
        }

        public LstmWeights Weights => new(_input.Value, _hidden.Value, _bias.Value);
    }
}
