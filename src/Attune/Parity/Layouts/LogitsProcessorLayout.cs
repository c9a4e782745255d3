using Attune.Formats;
using Attune.Inference.Generation;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Layouts;

/// <summary>
/// Single changes of a next token's scores: <c>processors</c> with their arguments, <c>input.logits</c> and <c>input.input_ids</c>
/// to <c>output.NAME</c>; <c>chain</c> names some that apply one after another.
/// </summary>
internal sealed class LogitsProcessorLayout : ICaseLayout
{
    private const string Chain = "chain", ChainProbabilities = "chain_probs";

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case is { } golden && golden.Has("processors");

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        yield return CaseRun.OfTensors(folder, "processors", () => "generation", comparison =>
        {
            JsonFields specs = folder.Case!.Child("processors");
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            StoredTensor logits = tensors.Get("input.logits"), ids = tensors.Get("input.input_ids");
            foreach (string name in tensors.Names("output."))
            {
                IReadOnlyList<string> applied = name is Chain or ChainProbabilities ? folder.Case.StringArray(Chain) : [name];
                float[] scores = Apply(row => [.. applied.Select(p => Read(p, specs.Child(p), Prompt(tensors, ids, row)))], logits, ids);
                if (name == ChainProbabilities)
                    scores = Probabilities(scores, logits.Shape[^1]);
                comparison.Compare(NumberKind.Output, tensors.Get("output." + name), new ComparedValues([.. logits.Shape], scores));
            }
        });
    }

    // The arguments have the names that the reference's classes give them; a setting of generate() is known by its own name, too.
    private static ILogitsProcessor Read(string name, JsonFields args, int[] prompt) => name switch
    {
        "temperature" => new Temperature((float)args.Float("temperature")),
        "top_k" => new TopK(Math.Max(args.Size("top_k"), Least(args))),
        "top_p" => new TopP((float)args.Float("top_p"), Least(args)),
        "top_h" => new TopH((float)args.Float("top_h")),
        "typical_p" => new TypicalP((float)args.Float("mass"), Least(args)),
        "min_p" => new MinP((float)args.Float("min_p"), Least(args)),
        "epsilon_cutoff" => new EpsilonCutoff((float)args.Float("epsilon"), Least(args)),
        "eta_cutoff" => new EtaCutoff((float)args.Float("epsilon"), Least(args)),
        "repetition_penalty" => new RepetitionPenalty((float)args.Float("penalty")),
        "encoder_repetition_penalty" => new PromptReward((float)args.Float("penalty"), prompt),
        "no_repeat_ngram" or "no_repeat_ngram_size" => new NoRepeatNgram(args.Size("ngram_size")),
        "encoder_no_repeat_ngram" or "encoder_no_repeat_ngram_size" => new NoPromptNgram(args.Size("encoder_ngram_size"), prompt),
        "min_length" => new MinLength(args.Int("min_length"), EndIds(args)),
        "min_new_tokens" => new MinLength(args.Int("prompt_length_to_skip") + args.Int("min_new_tokens"), EndIds(args)),
        "forced_bos" or "forced_bos_token" or "forced_bos_token_id" => new ForcedTokens(1, [args.Int("bos_token_id")]),
        "forced_eos" or "forced_eos_token" or "forced_eos_token_id" => new ForcedTokens(args.Int("max_length") - 1, EndIds(args)),
        "exponential_decay_length_penalty" => Options(args).LengthDecay is { } decay
            ? new LengthDecayProcessor(decay, args.Int("input_ids_seq_length"), EndIds(args))
            : throw args.Error(name, "a number of tokens and a factor"),
        "suppress_tokens" => new SuppressedTokens(Options(args).SuppressedIds),
        "begin_suppress_tokens" => new SuppressedTokens(Options(args).SuppressedFirstIds, args.Int("begin_index")),
        "bad_words" or "bad_words_ids" or "no_bad_words" => SequenceBias.Forbidding(Options(args).BadWords, args.Has("eos_token_id") ? EndIds(args) : []),
        "sequence_bias" => new SequenceBias(Options(args).SequenceBiases),
        "renormalize" or "renormalize_logits" or "logit_normalization" => new Renormalization(),
        _ => throw new UnknownCaseException("processor", name),
    };

    private static int Least(JsonFields args) => args.Size("min_tokens_to_keep", 1);

    private static GenerationOptions Options(JsonFields args) => GenerationConfig.Read(args, new GenerationOptions());

    private static IReadOnlyList<int> EndIds(JsonFields args) => Options(args).EndIds ?? throw args.Error("eos_token_id", "a token id, or several");

    // What the encoder read, where the case has it; otherwise the text that is continued.
    private static int[] Prompt(GoldenTensors tensors, StoredTensor ids, int row)
    {
        StoredTensor prompts = tensors.Find("input.encoder_input_ids") ?? ids;
        return Row(prompts.ToInt32(), Math.Min(row, prompts.Shape[0] - 1), prompts.Shape[0]).ToArray();
    }

    private static float[] Apply(Func<int, IReadOnlyList<ILogitsProcessor>> processors, StoredTensor logits, StoredTensor ids)
    {
        float[] scores = logits.ToFloat32();
        int[] history = ids.ToInt32();
        int rows = logits.Shape[0];
        for (int row = 0; row < rows; row++)
        {
            foreach (ILogitsProcessor processor in processors(row))
                processor.Apply(Row(scores, row, rows), Row(history, row, rows));
        }
        return scores;
    }

    private static float[] Probabilities(float[] scores, int width)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        return tape.Softmax(Tensor.From([scores.Length / width, width], scores)).ToArray();
    }

    private static Span<T> Row<T>(T[] values, int row, int rows) => values.AsSpan(row * (values.Length / rows), values.Length / rows);
}
