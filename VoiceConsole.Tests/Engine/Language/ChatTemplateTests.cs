using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Language;

public sealed class ChatTemplateTests
{
    private const string ChatMl = """
        {%- for message in messages -%}
        {{- '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}
        {%- if enable_thinking is defined and enable_thinking is false -%}{{- '<think>\n\n</think>\n\n' -}}{%- endif -%}
        """;

    private const string NoSystem = """
        {{- bos_token -}}
        {%- if messages[0]['role'] == 'system' -%}{{ raise_exception('System role not supported') }}{%- endif -%}
        {%- for message in messages -%}
        {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}{{ raise_exception('Roles must alternate') }}{%- endif -%}
        {{- '<' ~ message['role'] ~ '>' ~ (message['content'] | trim) -}}
        {%- endfor -%}
        """;

    private static readonly ChatMessage[] s_conversation =
    [
        new(ChatRole.System, "Be kind."), new(ChatRole.User, "Hi 小明 {{ 1 + 1 }}"), new(ChatRole.Assistant, "Hello!"), new(ChatRole.User, "Go on."),
    ];

    [Fact]
    public async Task Conversation_Formatted_IsAsTheTemplateSays()
    {
        using var template = await TemplateAsync(ChatMl);

        var prompt = template.Format(s_conversation);

        Assert.Equal(
            "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi 小明 {{ 1 + 1 }}<|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n"
            + "<|im_start|>user\nGo on.<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
            prompt);
    }

    [Fact]
    public async Task TemplateWithoutSystemMessages_Conversation_SystemBeginsTheFirstUserMessage()
    {
        using var template = await TemplateAsync(NoSystem);

        Assert.Equal("<s><user>Be kind.\n\nHi 小明 {{ 1 + 1 }}<assistant>Hello!<user>Go on.", template.Format(s_conversation));
    }

    [Fact]
    public async Task MessagesTheTemplateRefuses_Formatted_ErrorSaysWhy()
    {
        using var template = await TemplateAsync(NoSystem);

        var error = Assert.Throws<InvalidOperationException>(() => template.Format([s_conversation[2]]));

        Assert.Contains("Roles must alternate", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% if messages %}")]
    [InlineData("{{ nothing(messages) }}")]
    [InlineData("{% macro again(x) %}{{ again(x) }}{% endmacro %}{{ again(1) }}")]
    [InlineData("{% for i in range(1000000000) %}{{ i }}{% endfor %}")]
    [InlineData("{% for i in range(3000) %}{% for j in range(3000) %}{% for k in range(3000) %}{% endfor %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(text='xxxxxxxxxxxxxxxx') %}{% for i in range(60) %}{% set ns.text = ns.text ~ ns.text %}{% endfor %}{{ ns.text }}")]
    public async Task BrokenOrHostileTemplate_Load_IsRefusedInBounds(string source)
    {
        var folders = await Parts.FoldersAsync("jinja");

        var error = Assert.Throws<InvalidDataException>(() => new ChatTemplate(source, "<s>", "</s>", folders));

        Assert.Contains("chat template cannot be used", error.Message, StringComparison.Ordinal);
    }

    private static async Task<ChatTemplate> TemplateAsync(string source) => new(source, "<s>", "</s>", await Parts.FoldersAsync("jinja"));
}
