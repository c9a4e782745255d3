using System.Runtime.InteropServices;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Inference.Generation;

/// <summary>Continues sequences of token ids with a causal language model.</summary>
/// <remarks>Thread-safe: each call decodes by itself.</remarks>
public sealed class TokenGenerator
{
    private readonly ISequenceBackbone _backbone;
    private readonly ITokenHead _head;
    private readonly Precision _precision;

    /// <summary>Makes a generator.</summary>
    /// <param name="model">The model.</param>
    /// <param name="precision">The arithmetic of products with weights.</param>
    /// <exception cref="InvalidOperationException">The model is no causal language model.</exception>
    public TokenGenerator(Model model, Precision precision = Precision.Float32)
    {
        _precision = precision;
        _head = model.Head<ITokenHead>(HeadKind.CausalLm);
        _backbone = model.Backbone as ISequenceBackbone
            ?? throw new InvalidOperationException("Sequences are continued by models of one stack; this one is an encoder-decoder.");
        EndIds = ConfiguredEnds(new JsonFields(model.Config, "config.json"));
    }

    /// <summary>The tokens that end a sequence unless options name others: those of the model's configuration.</summary>
    public IReadOnlyList<int> EndIds { get; }

    /// <summary>Continues a sequence token by token.</summary>
    /// <param name="prompt">The sequence.</param>
    /// <param name="options">How it is continued.</param>
    /// <param name="history">What processors take for the prompt: with -1 for padding that the model does not read; null is the prompt itself.</param>
    /// <param name="scores">Gets the scores of each step after all processors; null if nobody looks.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>The new ids, the one that ends the sequence included.</returns>
    /// <exception cref="ArgumentException">The prompt is empty or leaves no room, or a setting is out of range.</exception>
    public IEnumerable<int> Generate(
        IReadOnlyList<int> prompt, GenerationOptions options, IReadOnlyList<int>? history = null,
        Action<ReadOnlySpan<float>>? scores = null, CancellationToken cancellation = default)
    {
        if (prompt.Count == 0)
            throw new ArgumentException("The prompt has no tokens; give at least one.", nameof(prompt));
        IReadOnlyList<int> endIds = options.EndIds ?? EndIds;
        IReadOnlyList<ILogitsProcessor> processors = options.Processors(endIds);
        int room = (_backbone.MaxLength ?? int.MaxValue) - prompt.Count;
        if (room < 1)
        {
            throw new ArgumentException(
                $"The prompt has {prompt.Count} tokens; this model takes at most {_backbone.MaxLength}, so there is no room to go on.", nameof(prompt));
        }
        return Decode([.. prompt], [.. history ?? prompt], options, Math.Min(options.MaxNewTokens, room), processors, endIds, scores, cancellation);
    }

    private IEnumerable<int> Decode(
        int[] unread, List<int> history, GenerationOptions options, int count, IReadOnlyList<ILogitsProcessor> processors,
        IReadOnlyList<int> endIds, Action<ReadOnlySpan<float>>? scores, CancellationToken cancellation)
    {
        var session = new DecodingSession(_backbone, _head, options.UseCache, _precision);
        RandomStream random = new RandomStream(options.Seed).Stream("generation");
        for (int step = 0; step < count; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            int next = Next(session.Read(unread), history, processors, options.Sample ? random.Uniform(step) : null, scores);
            history.Add(next);
            unread = [next];
            yield return next;
            if (endIds.Contains(next))
                yield break;
        }
    }

    private static int Next(
        Span<float> logits, List<int> history, IReadOnlyList<ILogitsProcessor> processors, float? uniform, Action<ReadOnlySpan<float>>? scores)
    {
        foreach (ILogitsProcessor processor in processors)
            processor.Apply(logits, CollectionsMarshal.AsSpan(history));
        scores?.Invoke(logits);
        return uniform is { } draw ? Distribution.Draw(logits, draw) : TopValues.Of(logits, 1)[0].Index;
    }

    private static IReadOnlyList<int> ConfiguredEnds(JsonFields config) => config.Raw("eos_token_id") switch
    {
        null => [],
        System.Text.Json.Nodes.JsonArray => config.IntArray("eos_token_id"),
        _ => [config.Int("eos_token_id")],
    };
}
