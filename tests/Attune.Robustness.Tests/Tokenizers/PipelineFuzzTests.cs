using Attune.Robustness.Tests.Fuzzing;
using Attune.Tokenizers;
using Attune.Tokenizers.Loading;
using Xunit;

namespace Attune.Robustness.Tests.Tokenizers;

/// <summary>Damaged files of pipelines with every stage filled: refused, or a tokenizer that encodes, truncates, decodes and can be written.</summary>
public sealed class PipelineFuzzTests
{
    private const long MemoryLimit = 24 << 20;

    private static readonly string[] Texts = ["", "the cat's \u00e9t\u00e9 123 <mask> \ud83d\ude00 \u4e2d\u6587", "aaaa bbbb <s> \ufb01 \u0007x"];

    private static readonly byte[] WordPiece = """
        {"version":"1.0","truncation":{"direction":"Right","max_length":8,"strategy":"LongestFirst","stride":1},"padding":{"strategy":{"Fixed":9},"direction":"Left","pad_to_multiple_of":4,"pad_id":0,"pad_type_id":0,"pad_token":"[PAD]"},
        "added_tokens":[{"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},{"id":9,"content":"<mask>","single_word":true,"lstrip":true,"rstrip":true,"normalized":true,"special":false}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},{"type":"Replace","pattern":{"Regex":"(?i)[x-z&&[^y]]+|\\p{Lu}{2,3}"},"content":"q"},{"type":"NFKC"},{"type":"Prepend","prepend":"a"},{"type":"Strip","strip_left":true,"strip_right":false}]},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"BertPreTokenizer"},{"type":"Split","pattern":{"String":"t"},"behavior":"MergedWithNext","invert":false},{"type":"Digits","individual_digits":true},{"type":"FixedLength","length":5}]},
        "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]}}},
        "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
        "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"a":3,"##a":4,"t":5,"##h":6,"##e":7,"c":8}}}
        """u8.ToArray();

    private static readonly byte[] PairEncoding = """
        {"added_tokens":[{"id":8,"content":"<s>","special":true,"normalized":false}],"normalizer":null,
        "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
        "post_processor":{"type":"RobertaProcessing","sep":["</s>",7],"cls":["<s>",8],"trim_offsets":true,"add_prefix_space":true},
        "decoder":{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":2},{"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|","cleanup":true},{"type":"BPEDecoder","suffix":"</w>"}]},
        "model":{"type":"BPE","dropout":0.1,"unk_token":"u","continuing_subword_prefix":"","end_of_word_suffix":"","fuse_unk":true,"byte_fallback":true,"ignore_merges":true,
        "vocab":{"u":0,"a":1,"aa":2,"aaaa":3,"t":4,"h":5,"th":6,"</s>":7},"merges":[["a","a"],"aa aa",["t","h"]]}}
        """u8.ToArray();

    private static readonly byte[] Unigram = """
        {"added_tokens":[],"normalizer":{"type":"Sequence","normalizers":[{"type":"Precompiled","precompiled_charsmap":"CAAAAAAEAAABAAAAYgBj"},{"type":"Nmt"},{"type":"NFD"},{"type":"StripAccents"}]},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"UnicodeScripts"},{"type":"Punctuation","behavior":"Contiguous"},{"type":"CharDelimiterSplit","delimiter":"-"},{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true}]},
        "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},{"type":"BertProcessing","sep":["b",2],"cls":["a",1]}]},
        "decoder":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},
        "model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["a",-1.5],["b",-2.0],["\u2581",-1.0],["\u2581a",-0.5]],"byte_fallback":true}}
        """u8.ToArray();

    [Fact]
    public void Damaged_tokenizer_json_is_refused_or_works() =>
        ParserFuzzer.Run([WordPiece, PairEncoding, Unigram], bytes => Use(Tokenizer.Parse(bytes)), variants: 1500, maxAllocatedBytes: MemoryLimit);

    // A text that such a tokenizer cannot express is no fault of its file.
    private static void Use(Tokenizer tokenizer)
    {
        var ids = new List<int>();
        foreach (var text in Texts)
        {
            try
            {
                var encoding = tokenizer.Encode(text, "a", new EncodeOptions { Truncation = tokenizer.FileTruncation });
                ids.Clear();
                tokenizer.EncodeIds(text, ids);
                _ = tokenizer.Decode([.. encoding.Ids]);
                _ = tokenizer.Decode([.. ids], skipSpecialTokens: false);
            }
            catch (TokenizationException)
            {
                Assert.NotNull(tokenizer);
            }
        }

        using var written = new MemoryStream();
        TokenizerJson.Write(tokenizer, written);
        Assert.True(written.Length > 0);
    }
}
