using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>What a Linformer's attention has besides its <see cref="AttentionShape"/>.</summary>
/// <param name="MaxLength">The longest sequence.</param>
/// <param name="Rank">The number of slots that keys and values are shortened to.</param>
public sealed record LinformerOptions(int MaxLength, int Rank)
{
    /// <summary>Whether the values are the keys.</summary>
    public bool ValuesAreKeys { get; init; }

    /// <summary>Whether keys and values are shortened by one matrix.</summary>
    public bool SharedProjection { get; init; }

    /// <summary>Whether all query heads read one head of keys and values.</summary>
    public bool OneKeyHead { get; init; }
}

/// <summary>
/// Attention to keys and values that a learned matrix has shortened over time, so that work is linear in the length (Wang et al. 2020,
/// arXiv:2006.04768). The matrix mixes all positions, so nothing can be hidden from a position: no causal use.
/// </summary>
public sealed class LinformerAttention : Module, ISequenceMixer
{
    private readonly AttentionShape _shape;
    private readonly LinformerOptions _options;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear? _value;
    private readonly Linear _output;
    private readonly Parameter _shortenKeys;
    private readonly Parameter? _shortenValues;

    /// <summary>Declares the projections.</summary>
    public LinformerAttention(AttentionShape shape, LinformerOptions options)
    {
        (_shape, _options) = (shape, options);
        int keyWidth = options.OneKeyHead ? shape.HeadWidth : shape.InnerWidth;
        Initializer shorten = Initializer.Uniform(1 / MathF.Sqrt(options.Rank));
        _query = Own("query", new Linear(shape.Width, shape.InnerWidth, shape.Initializer, shape.Bias));
        _key = Own("key", new Linear(shape.Width, keyWidth, shape.Initializer, shape.Bias));
        if (!options.ValuesAreKeys)
            _value = Own("value", new Linear(shape.Width, keyWidth, shape.Initializer, shape.Bias));
        _shortenKeys = Own("shortenKeys", [options.MaxLength, options.Rank], shorten, ParameterRole.Weight);
        if (!options.ValuesAreKeys && !options.SharedProjection)
            _shortenValues = Own("shortenValues", [options.MaxLength, options.Rank], shorten, ParameterRole.Weight);
        _output = Own("output", new Linear(shape.InnerWidth, shape.Width, shape.OutputInitializer ?? shape.Initializer, shape.OutputBias));
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A sequence is too long.</exception>
    /// <exception cref="NotSupportedException">The future is to be hidden, or a memory read: the matrix goes by places from the first row on.</exception>
    public Tensor Mix(Pass pass, Tensor x, MixerContext context)
    {
        if (context.Causal || context.Memory is not null)
            throw new NotSupportedException("A Linformer's attention can neither hide the future nor read a memory: its keys mix all positions, by their places.");
        Segments segments = context.Segments;
        if (segments.MaxLength > _options.MaxLength)
            throw new ArgumentException($"A sequence of {segments.MaxLength} tokens does not fit this Linformer, which takes {_options.MaxLength}.", nameof(context));
        Tape tape = pass.Tape;
        Tensor Visible(Linear map) => HiddenRows.Hide(tape, map.Forward(tape, x), context.KeyMask);
        Tensor keys = Shorten(tape, Visible(_key), _shortenKeys, segments);
        Tensor values = _value is null ? keys : Shorten(tape, Visible(_value), _shortenValues ?? _shortenKeys, segments);
        // A trace holds attention to rows; these slots are mixtures of all of them.
        Tensor mixed = tape.Attention(
            HeadsOf(_query.Forward(tape, x)), HeadsOf(Repeated(tape, keys)), HeadsOf(Repeated(tape, values)),
            segments, Segments.Equal(segments.Count, _options.Rank), new AttentionOptions { Scale = _shape.ScoreScale, Dropout = _shape.Dropout });
        return _output.Forward(tape, mixed);
    }

    /// <summary>The slots of all sequences: <c>[sequences * rank, width]</c>.</summary>
    private Tensor Shorten(Tape tape, Tensor rows, Parameter matrix, Segments segments)
    {
        int width = rows.Shape.Width;
        bool equal = true;
        for (int s = 0; s < segments.Count; s++)
            equal &= segments.Length(s) == segments.MaxLength;
        if (equal)
        {
            Tensor slots = tape.MatMul(First(tape, matrix, segments.MaxLength), rows.Reshape([segments.Count, segments.MaxLength, width]), transposeA: true);
            return slots.Reshape([segments.Count * _options.Rank, width]);
        }
        var parts = new Tensor[segments.Count];
        for (int s = 0; s < parts.Length; s++)
        {
            int length = segments.Length(s);
            parts[s] = tape.MatMul(First(tape, matrix, length), tape.Slice(rows, 0, segments.Start(s), length), transposeA: true);
        }
        return tape.Concat(0, parts);
    }

    private static Tensor First(Tape tape, Parameter matrix, int length) =>
        length == matrix.Shape[0] ? matrix.Value : tape.Slice(matrix.Value, 0, 0, length);

    private Tensor Repeated(Tape tape, Tensor head)
    {
        if (!_options.OneKeyHead || _shape.Heads == 1)
            return head;
        var copies = new Tensor[_shape.Heads];
        Array.Fill(copies, head);
        return tape.Concat(1, copies);
    }

    private Heads HeadsOf(Tensor source) => new(source, 0, _shape.Heads, _shape.HeadWidth);
}
