using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;
using Attune.Tensors;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// The dialogue language model of ERNIE (Sun et al. 2019, arXiv:1904.09223): masked language modelling of queries and responses, together with
/// telling real dialogues (class 0) from fake ones (class 1), in which a turn has been replaced by one of another dialogue.
/// </summary>
/// <param name="masked">The masked language modelling.</param>
/// <param name="fakeShare">The share of dialogues that are made fakes.</param>
/// <remarks>
/// An example is a dialogue whose turns are parted by special tokens: <c>[CLS] query [SEP] response [SEP] query [SEP]</c>. Its token types are the
/// speakers; without any, they alternate. Turns for fakes come from other dialogues of the batch, so one dialogue alone is never faked.
/// </remarks>
public sealed class DialogueLm(MaskedLm masked, double fakeShare = 0.5) : IObjective
{
    private const int Speakers = 2;

    private readonly SentencePairPretraining _pairs = new(masked);
    private readonly Draws _draws = new(default);

    /// <inheritdoc/>
    public string Name => "dialogue-lm";

    /// <inheritdoc/>
    public Capabilities Requires => _pairs.Requires;

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [.. masked.Settings, Setting.Of("fake_share", fakeShare)];

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads => _pairs.Heads;

    /// <inheritdoc/>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        List<(int Start, int End)>[] turns = [.. examples.Select(TurnsOf)];
        int longest = examples.Count == 0 ? 0 : examples.Max(example => example.Ids.Length);
        Example[] dialogues = new Example[examples.Count];
        for (int s = 0; s < dialogues.Length; s++)
        {
            _draws.Restart(random.Stream("dialogues").Stream((uint)(firstIndex + s)));
            Example dialogue = WithSpeakers(examples[s], turns[s]);
            bool fake = _draws.Uniform() < fakeShare && examples.Count > 1 && turns[s].Count > 0;
            int other = fake ? _draws.Below(examples.Count - 1) : 0;
            other += other >= s ? 1 : 0;
            fake = fake && turns[other].Count > 0;
            dialogues[s] = fake
                ? Faked(dialogue, turns[s][_draws.Below(turns[s].Count)], examples[other], turns[other][_draws.Below(turns[other].Count)], longest)
                : dialogue with { Label = 0 };
        }
        return _pairs.Collate(dialogues, random, firstIndex);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch) => _pairs.Loss(pass, model, batch);

    /// <summary>The turns of a dialogue: runs of tokens that are not special.</summary>
    internal static List<(int Start, int End)> TurnsOf(Example example)
    {
        List<(int, int)> turns = [];
        for (int i = 0; i < example.Ids.Length; i++)
        {
            if (IsSpecial(example, i))
                continue;
            int start = i;
            while (i < example.Ids.Length && !IsSpecial(example, i))
                i++;
            turns.Add((start, i));
        }
        return turns;
    }

    // A turn and the special token behind it belong to a speaker.
    private static Example WithSpeakers(Example example, List<(int Start, int End)> turns)
    {
        if (!example.TypeIds.IsEmpty)
            return example;
        int[] speakers = new int[example.Ids.Length];
        for (int turn = 0; turn < turns.Count; turn++)
            speakers.AsSpan(turns[turn].Start..Math.Min(turns[turn].End + 1, speakers.Length)).Fill(turn % Speakers);
        return example with { TypeIds = speakers };
    }

    private static Example Faked(Example dialogue, (int Start, int End) turn, Example other, (int Start, int End) foreign, int longest)
    {
        // No dialogue becomes longer than the longest that was given, which fits the model.
        int room = longest - dialogue.Ids.Length + turn.End - turn.Start, count = Math.Min(foreign.End - foreign.Start, room);
        ReadOnlyMemory<T> Spliced<T>(ReadOnlyMemory<T> own, ReadOnlyMemory<T> inserted) => own.IsEmpty
            ? own
            : (T[])[.. own.Span[..turn.Start], .. inserted.Span.Slice(0, count), .. own.Span[turn.End..]];
        int speaker = dialogue.TypeIds.Span[turn.Start];
        return dialogue with
        {
            Label = 1,
            Ids = Spliced(dialogue.Ids, other.Ids.Slice(foreign.Start, count)),
            TypeIds = Spliced<int>(dialogue.TypeIds, Enumerable.Repeat(speaker, count).ToArray()),
            Special = Spliced<bool>(dialogue.Special, new bool[count]),
            Words = Spliced(dialogue.Words, WordsOf(other, foreign.Start, count)),
        };
    }

    // Numbers that no word of the dialogue has, so that neighbouring words stay apart.
    private static ReadOnlyMemory<int> WordsOf(Example other, int start, int count)
    {
        const int elsewhere = 1 << 24;
        return other.Words.IsEmpty
            ? Enumerable.Range(elsewhere, count).ToArray()
            : Array.ConvertAll(other.Words.Slice(start, count).ToArray(), word => elsewhere + word);
    }

    private static bool IsSpecial(Example example, int position) => !example.Special.IsEmpty && example.Special.Span[position];
}
